import Adaptation
import Inference
import SedgeCore
import Store
import TestSupport
import Testing

@testable import Agent

/// What people say reaches the replay that is trained on, and leaves nothing behind when it is taken back.
@Suite struct ReplayTeachingTests {
    private let folder = TemporaryFolder()
    private static let stream = try! StreamID("s")

    private static func time(_ step: Int) -> Timestamp { Timestamp(milliseconds: Int64(step) * 1000) }

    private static func entry(
        _ id: String, _ kind: StoredFeedback.Kind, _ steps: ClosedRange<Int>, name: String? = nil, state: String? = nil
    ) -> StoredFeedback {
        StoredFeedback(
            stream: stream, id: id, receivedAt: time(0), kind: kind, name: name,
            span: TimeSpan(from: time(steps.lowerBound), to: time(steps.upperBound)), state: state, model: "m",
            examples: [1])
    }

    /// Segments of a generated signal, 24 steps of a second each, one after the other.
    private func shelf(_ entries: [ReplayRecorder.Entry]) throws -> (StoreShelf, StoreWriter) {
        let store = try Store.open(
            at: folder.file("sedge.db"), options: StoreOptions(node: try NodeID("n"), bootID: "b"), now: Self.time(0)
        ).store
        let writer = StoreWriter(store)
        let architecture = PipelineUnderTest.bundle.architecture
        let shelf = StoreShelf(writer: writer, model: "m", tapBytes: architecture.tapBytes, patch: architecture.patch)
        shelf.put(entries, of: Self.stream)
        return (shelf, writer)
    }

    @Test func aTimeCalledAnAnomalyIsNotTrainedOnUntilThatIsTakenBack() throws {
        let entries = Replay.entries(8)
        let (shelf, writer) = try shelf(entries)
        #expect(shelf.recall(Self.stream, limit: 100).segments.count == 8)
        let third = entries[2].segment
        var bad = Self.entry("bad", .anomaly, 0...0)
        bad.span = TimeSpan(from: third.start + 3_000_000, to: third.start + 4_000_000)
        let said = bad
        try writer.sync { try $0.addFeedback(said) }
        let left = shelf.recall(Self.stream, limit: 100)
        #expect(left.complaint == nil)
        #expect(left.segments.map(\.segment) == entries.map(\.segment).filter { $0 != third })
        try writer.sync { try $0.revokeFeedback("bad", of: Self.stream, by: "sorry") }
        #expect(shelf.recall(Self.stream, limit: 100).segments.count == 8)
    }

    @Test func labelsOfATimeAndOfAStateReachTheRound() throws {
        let entries = Replay.entries(64)
        let (shelf, writer) = try shelf(entries)
        let steps = entries.map { Int($0.segment.start.milliseconds / 1000)...Int($0.segment.end.milliseconds / 1000) }
        let idle = Self.entry("a", .label, steps[0].lowerBound...steps[31].upperBound, name: "idle")
        let busy = Self.entry("b", .label, steps[32].lowerBound...steps[62].upperBound, name: "busy")
        for entry in [idle, busy] { try writer.sync { try $0.addFeedback(entry) } }
        let labels = shelf.recall(Self.stream, limit: 100).segments.map(\.label)
        let expected: [String?] =
            (0..<32).map { _ in "idle" } + (0..<31).map { _ in "busy" } + [nil]
        #expect(labels == expected)
        // Half of this signal is called one thing and half another without any difference: the round reads the labels,
        // and refuses what can not be told apart.
        var settings = Tier2Settings()
        settings.trainingSteps = 10
        var round = AdaptationRound(
            .train([Self.stream], start: nil), bundle: PipelineUnderTest.bundle, kernels: .scalar, settings: settings,
            shelf: shelf, seed: 1)
        var result: AdaptationRound.Result?
        while result == nil { result = round.advance() }
        guard case .trained(_, let outcome)? = result else {
            Issue.record("\(String(describing: result))")
            return
        }
        #expect(outcome.decision.figures.labelled == 63)
        #expect(outcome.decision.figures.accuracyBefore != nil)
        try writer.sync { try $0.revokeFeedback("a", of: Self.stream, by: "c") }
        #expect(Set(shelf.recall(Self.stream, limit: 100).segments.map(\.label)) == ["busy", nil])
    }

    @Test func whatCoversHalfASegmentNamesItAndANamedStateTheRest() {
        let segment = ReplaySegment(
            channel: 0, hop: 8, start: Self.time(100), end: Self.time(120), tapped: [], samples: [])
        func label(_ entries: [StoredFeedback], _ coverage: String = "state-2/0") -> String? {
            ReplayTeaching(entries).label(of: segment, coverage: coverage)
        }
        #expect(label([Self.entry("a", .label, 90...110, name: "idle")]) == "idle")
        #expect(label([Self.entry("a", .label, 90...109, name: "idle")]) == nil)
        let named = Self.entry("a", .label, 0...10, name: "idle", state: "2")
        #expect(label([named]) == "idle" && label([named], "state-1/0") == nil && label([named], "-/0") == nil)
        #expect(label([named, Self.entry("b", .label, 90...130, name: "busy")]) == "busy")
        var gone = named
        gone.revokedBy = "b"
        #expect(label([gone]) == nil)
        #expect(ReplayTeaching([Self.entry("c", .anomaly, 119...400)]).forbids(segment))
        #expect(!ReplayTeaching([Self.entry("c", .normal, 119...400)]).forbids(segment))
        #expect(!ReplayTeaching([Self.entry("c", .anomaly, 130...400)]).forbids(segment))
    }
}
