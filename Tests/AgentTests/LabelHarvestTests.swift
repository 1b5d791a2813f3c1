import Adaptation
import Inference
import SedgeCore
import Store
import Synchronization
import Testing

@testable import Agent

/// Labels that people gave on one gateway name what a stream does on another, where nobody has given any.
@Suite struct LabelHarvestTests {
    private static let json =
        #"{"topic":"t","id":"s","channels":{"x":"$.x"},"time":"$.ts","reorder_window_ms":0,"hop":4,"insights":["label"]}"#

    private static func time(_ index: Int) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + Int64(index) * 100)
    }

    /// Quiet noise and a loud square wave in turn, 400 samples each.
    private static func feed(_ test: PipelineUnderTest, _ count: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for index in 0..<count {
            let noise = 0.2 * (random.uniform() - 0.5)
            let value = index / 400 % 2 == 0 ? noise : (index / 4 % 2 == 0 ? 1 : -1) + noise
            test.receive(#"{"ts":\#(time(index).milliseconds),"x":\#(value)}"#, arrival: time(index))
        }
    }

    private static func label(_ id: String, _ name: String, _ samples: Range<Int>, _ test: PipelineUnderTest) throws
        -> StoredFeedback
    {
        let recent = try #require(test.stream.recent)
        let span = TimeSpan(from: time(samples.lowerBound), to: time(samples.upperBound))
        let examples = ExampleSet(recent.rows(in: span), dimension: recent.dimension, background: recent.rows)
        return StoredFeedback(
            stream: test.stream.id, id: id, receivedAt: time(0), kind: .label, name: name, span: span,
            model: test.stream.model.name, examples: examples.snapshot())
    }

    @Test func whatWasTaughtElsewhereIsKnownWithoutAnExample() throws {
        let first = try PipelineUnderTest(Self.json)
        Self.feed(first, 3200, seed: 3)
        let said = [
            try Self.label("a", "quiet", 2440..<2780, first), try Self.label("b", "loud", 2840..<3180, first),
        ]
        let harvest = try LabelHarvest(said, into: PipelineUnderTest.bundle)
        #expect(harvest.taught == ["quiet": 1, "loud": 1] && harvest.leftOut.isEmpty)
        #expect(harvest.bundle.network == PipelineUnderTest.bundle.network)
        #expect(harvest.bundle.fingerprint != PipelineUnderTest.bundle.fingerprint)

        let second = try PipelineUnderTest(Self.json, mqtt: #"{"state_interval_ms":0}"#, bundle: harvest.bundle)
        Self.feed(second, 3200, seed: 4)
        #expect(second.pipeline.book(of: second.stream.id).entries.isEmpty)
        let labels = second.outlet.states.withLock { $0.map { ($0.ts, $0.label) } }
        func share(of name: String, _ samples: Range<Int>) -> Double {
            let own = labels.filter { $0.0 >= Self.time(samples.lowerBound) && $0.0 < Self.time(samples.upperBound) }
            return Double(own.count { $0.1 == name }) / Double(max(1, own.count))
        }
        // The filter over steps takes a few of them to follow.
        #expect(share(of: "quiet", 2500..<2800) > 0.9)
        #expect(share(of: "loud", 2900..<3200) > 0.9)
        // The same again on top of what the bundle knows now.
        #expect(throws: LabelHarvest.Nothing.self) { try LabelHarvest(said, into: harvest.bundle) }
    }

    @Test func whatIsOfNoUseIsNamed() throws {
        let first = try PipelineUnderTest(Self.json)
        Self.feed(first, 2000, seed: 3)
        var (good, revoked, other) = (
            try Self.label("a", "quiet", 1640..<1980, first), try Self.label("b", "quiet", 1640..<1980, first),
            try Self.label("c", "quiet", 1640..<1980, first)
        )
        revoked.revokedBy = "x"
        other.model = "another"
        var damaged = good
        (damaged.id, damaged.examples) = ("d", [1, 2, 3])
        let harvest = try LabelHarvest([good, revoked, other, damaged], into: PipelineUnderTest.bundle)
        #expect(harvest.taught == ["quiet": 1])
        #expect(harvest.leftOut.count == 2 && harvest.leftOut[0].contains("\"c\" is about another"))
        good.revokedBy = "x"
        #expect(throws: LabelHarvest.Nothing.self) { try LabelHarvest([good], into: PipelineUnderTest.bundle) }
    }
}
