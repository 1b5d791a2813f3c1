import SedgeCore
import TestSupport
import Testing

@testable import sedge

@Suite struct SimulationTests {
    private static let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func simulation(seconds: Double, pumps: Int = 1) -> Simulation {
        let sources = (1...pumps).map { number in
            Simulation.Source(
                topic: SimulatedKind.pump.topic(number), channels: PumpModel.channels,
                model: SimulatedKind.pump.model(number: number, seed: 1, wear: nil))
        }
        return Simulation(groups: [(10, sources)], pace: .unlimited, start: Self.start, seconds: seconds)
    }

    @Test func publishesTheModelAtItsTimes() throws {
        var simulation = simulation(seconds: 1)
        let sink = RecordingSink()
        #expect(simulation.messageCount == 10)
        #expect(simulation.run(into: sink, began: 0) { _, _ in } == 10)
        let model = SimulatedKind.pump.model(number: 1, seed: 1, wear: nil)
        for (index, message) in sink.messages.enumerated() {
            let values = model.sample(at: Int64(index) * 100_000)
            #expect(message.topic == "plant/pump-1/sensors")
            #expect(message.isLast == (index == 9))
            let expected: [String: JSONValue] = [
                "ts": .number(1_700_000_000_000 + Double(index) * 100), "vibration": .number(values[0]),
                "temperature": .number(values[1]), "current": .number(values[2]),
            ]
            #expect(try JSONValue(parsing: Array(message.payload.utf8)) == .object(expected))
        }
    }

    @Test(arguments: [1.0, 0.3, 10, 33, 1e6])
    func messagesAreCountedWithoutMakingThem(rate: Double) {
        let schedule = SimulationSchedule(groups: [.init(rate: rate, count: 3), .init(rate: 20, count: 1)])
        for end in [0, 1, 99_999, 100_000, 100_001] as [Int64] {
            #expect(schedule.count(before: end) == schedule.prefix { $0.time < end }.count, "\(end)")
        }
        #expect(simulation(seconds: 1e9).messageCount == 10_000_000_000)
    }

    @Test func givesEachPumpItsOwnTopicAndSignal() {
        var simulation = simulation(seconds: 2, pumps: 5)
        let sink = RecordingSink()
        #expect(simulation.run(into: sink, began: 0) { _, _ in } == 100)
        let byTopic = Dictionary(grouping: sink.messages, by: \.topic)
        #expect(byTopic.count == 5 && byTopic.values.allSatisfy { $0.count == 20 })
        #expect(Set(byTopic.values.map { $0[0].payload.split(separator: ",")[1] }).count == 5)
    }

    @Test func theTruthNamesFaultAndActivities() throws {
        let wearable = WearableModel(seed: 1)
        let truth = SimulationTruth(
            wear: BearingWear(start: 60, ramp: 10), worn: "pump-1", wearables: [("wearable-1", wearable)],
            start: Self.start, seconds: 100)
        let fault = try #require(truth.spans.first)
        #expect(
            fault
                == .init(
                    stream: "pump-1", label: "bearing-wear", start: Self.start + 60_000_000,
                    end: Self.start + 100_000_000))
        let activities = truth.spans.dropFirst()
        #expect(activities.first?.start == Self.start && activities.last?.end == Self.start + 100_000_000)
        #expect(
            truth.csv.hasPrefix("stream,label,start,end\npump-1,bearing-wear,1700000060000,1700000100000\nwearable-1,"))
        let endless = SimulationTruth(
            wear: BearingWear(start: 60, ramp: 10), worn: "pump-1", wearables: [], start: Self.start, seconds: nil)
        #expect(endless.csv == "stream,label,start,end\npump-1,bearing-wear,1700000060000,\n")
        let short = SimulationTruth(
            wear: BearingWear(start: 60, ramp: 10), worn: "pump-1", wearables: [], start: Self.start, seconds: 30)
        #expect(short.spans.isEmpty, "a fault that never came is no truth")
    }

    @Test func writesValuesAsShortAsTheyAre() {
        var json = SampleJSON(channels: ["a", "b \"c\"", "d"])
        let values = [0.1, -3, 1e-7]
        #expect(json.write(ts: Timestamp(milliseconds: 5)) { values[$0] })
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"ts":5,"a":0.1,"b \"c\"":-3,"d":1e-07}"#)
        #expect(json.write(ts: Timestamp(milliseconds: 6)) { $0 == 1 ? 2 : .nan })
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"ts":6,"b \"c\"":2}"#)
        let isSampled = json.write(ts: Timestamp(milliseconds: 6)) { _ in .infinity }
        #expect(!isSampled)
    }
}
