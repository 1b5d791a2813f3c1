@testable import Importing
@testable import Inference
import Learning
import SedgeCore
import Testing

/// What an import ends with.
struct BundleTests {
    static func graph(_ fixture: Fixture) throws -> QuantizedGraph {
        let importer = try fixture.importer()
        return try importer.quantize(
            importer.needsCalibration ? fixture.calibration(importer) : GraphCalibration(importer.calibrationGraph))
    }

    static func bundle(_ graph: QuantizedGraph) throws -> ImportedBundle {
        let preprocessing = BundlePreprocessing(
            normalisation: .robust, clip: 8, defaultHop: graph.hops.upperBound)
        var random = SeededRandom(seed: 3)
        let frames = (0..<graph.patchValues * 9).map { _ in Float(random.uniform() * 4 - 2) }
        return try ImportedBundle(
            graph,
            .init(
                name: "test", version: "1", preprocessing: preprocessing, provenance: "{}", dataLicence: "none"),
            selfTest: frames)
    }

    /// Of a graph that no TCN can stand for.
    static func graphBundle(_ graph: QuantizedGraph) throws -> GraphBundle {
        guard case .graph(let bundle) = try bundle(graph) else {
            throw Failure(description: "the graph became a TCN")
        }
        return bundle
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    @Test(arguments: ["torch_tcn", "torch_tcn_qdq"])
    func aModelOfTheEnginesFamilyBecomesATCN(name: String) throws {
        let graph = try Self.graph(Fixture(name))
        guard case .tcn(let bundle) = try Self.bundle(graph) else {
            Issue.record("it became a graph")
            return
        }
        #expect(
            bundle.architecture
                == TCNArchitecture(mode: .independent, patch: 4, channels: 8, blocks: 3, embedding: 6))
        // The engine gives the graph's bytes.
        try ModelBundle(bytes: bundle.serialized()).selfTest()
        #expect(try EncoderBundle(bytes: bundle.serialized()) == .tcn(bundle))
        let asGraph = try GraphEncoder(graph, kernels: .scalar).bytes(ofSteps: bundle.selfTestVectors.patches)
        #expect(asGraph == bundle.selfTestVectors.embeddings)
    }

    /// Causal models stream, the others read windows; quantized by ONNX Runtime or calibrated here, it is the same.
    @Test(arguments: [
        ("torch_tcn", QuantizedGraph.Context.stream), ("torch_chomp", .stream), ("torch_resnet", .window),
        ("torch_inception", .window), ("tf_window", .window), ("tf_causal", .stream),
    ])
    func onlyCausalModelsStream(name: String, context: QuantizedGraph.Context) throws {
        let all = [name, "\(name)_qdq"].filter { name in
            (Fixture.float + Fixture.quantized).contains { $0.description == name }
        }
        for name in all {
            let graph = try Self.graph(Fixture(name))
            #expect(graph.context == context, "\(name)")
            // A step of a stream brings new samples alone; a window may move by any number of them.
            #expect(graph.hops.lowerBound == (context == .stream ? graph.patch : 1), "\(name)")
            #expect(graph.hops.upperBound == graph.patch)
        }
    }

    @Test(arguments: (Fixture.float + Fixture.quantized).filter { !"\($0)".hasPrefix("torch_tcn") })
    func whatIsWrittenIsRead(fixture: Fixture) throws {
        let bundle = try Self.graphBundle(Self.graph(fixture))
        let read = try GraphBundle(bytes: bundle.serialized())
        #expect(read == bundle)
        #expect(try EncoderBundle(bytes: bundle.serialized()) == .graph(bundle))
        try read.selfTest()
        let error = #expect(throws: BundleError.self) { try ModelBundle(bytes: bundle.serialized()) }
        #expect(error?.found == "graph")
    }

    /// Lanes in any order, many or one at once, saved and restored on the way.
    @Test(arguments: ["torch_chomp", "tf_causal_qdq", "torch_resnet"])
    func batchesAndSnapshotsChangeNothing(name: String) throws {
        let graph = try Self.graph(Fixture(name))
        let bundle = try Self.graphBundle(graph)
        let (steps, lanes, width) = (70, 5, graph.embedding)
        var random = SeededRandom(seed: 8)
        let inputs = (0..<lanes).map { _ in
            (0..<steps * graph.patchValues).map { _ in Float(random.uniform() * 4 - 2) }
        }
        let encoder = GraphEncoder(bundle: bundle, kernels: .scalar)
        let expected = inputs.map { encoder.bytes(ofSteps: $0) }
        let due = (0..<lanes).map { _ in encoder.addLane() }
        var bytes = [Int8](repeating: 0, count: lanes * width)
        for step in 0..<steps {
            let order = Array(due.indices).shuffled(using: &random)
            let patches = order.flatMap { inputs[$0][step * graph.patchValues..<(step + 1) * graph.patchValues] }
            let rows = order.map { due[$0] }
            var target = bytes.mutableSpan
            encoder.step(lanes: rows.span, patches: patches.span, bytes: &target)
            for (row, lane) in order.enumerated() {
                let found = Array(bytes[row * width..<(row + 1) * width])
                #expect(found == Array(expected[lane][step * width..<(step + 1) * width]), "step \(step)")
            }
            if step == 33 {
                let saved = encoder.snapshotLane(due[2])
                encoder.resetLane(due[2])
                try encoder.restoreLane(due[2], from: saved)
            }
        }
    }

    @Test func everyKernelGivesTheSameBytes() throws {
        let bundle = try Self.graphBundle(Self.graph(Fixture("torch_inception_qdq")))
        for name in KernelSet.available { try bundle.selfTest(kernels: KernelSet.select(name)) }
    }
}
