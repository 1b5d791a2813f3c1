import Agent
import Inference
import SedgeCore

/// Pumps whose messages go through the agent's pipeline, slice by slice.
struct PipelineLoad {
    /// Streams of three channels each, ten samples a second, a step every eight.
    static let streams = 10
    /// Messages of a slice: what the agent takes between two looks at the clock.
    static let slice = 250
    private static let interval: Int64 = 100_000

    private let stages: PipelineStages
    private let start = Timestamp(milliseconds: 1_700_000_000_000)
    private var pumps: [(model: PumpModel, json: SampleJSON)] = []
    private var values = [Double](repeating: 0, count: PumpModel.channels.count)
    private var samples: Int64 = 0

    init(bundle: ModelBundle, kernels: KernelSet, threads: Int, now: @escaping () -> Int64) throws {
        let channels = PumpModel.channels.map { "\"\($0)\":\"$.\($0)\"" }.joined(separator: ",")
        let json = """
            {"node":"bench","mqtt":{},"stream":[{"topic":"plant/{stream}/sensors","codec":"json","time":"$.ts",
            "channels":{\(channels)},"rate_hz":10,"hop":8}]}
            """
        stages = try PipelineStages(
            configuration: Configuration(json: Array(json.utf8)),
            topics: (1...Self.streams).map { "plant/pump-\($0)/sensors" },
            network: PackedNetwork(bundle: bundle, kernels: kernels), bundle: bundle, threads: threads, start: start,
            now: now)
        for number in 1...Self.streams {
            pumps.append((PumpModel(seed: UInt64(number)), SampleJSON(channels: PumpModel.channels)))
        }
    }

    /// The next slice, of all pumps in turn.
    mutating func load() {
        stages.unload()
        for _ in 0..<Self.slice / Self.streams {
            let offset = samples * Self.interval
            for index in pumps.indices {
                pumps[index].model.sample(at: offset, into: &values)
                let values = values
                _ = pumps[index].json.write(ts: start + offset) { values[$0] }
                stages.load(stream: index, payload: pumps[index].json.bytes, arrival: start + offset)
            }
            samples += 1
        }
    }

    /// As the agent runs it.
    func process() { stages.process() }

    /// Stage by stage: nanoseconds of each.
    func times(now: () -> Int64) throws -> [PipelineStages.Stage: Int64] {
        var times: [PipelineStages.Stage: Int64] = [:]
        try stages.process(now: now) { times[$0, default: 0] += $1 }
        return times
    }
}
