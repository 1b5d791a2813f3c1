import Adaptation
package import Inference
import SedgeCore

/// Every person of a set with few labels: on the frozen encoder, and on a tail that tier 2 made of the same person's
/// unlabelled stream.
package struct PersonalRun: Sendable {
    /// Labelled windows of each class.
    package static let shots = [1, 5, 10, 20]

    package let people: [String]
    package let frozen: [[Double]]  // (shots, people)
    package let adapted: [[Double]]  // (shots, people)
    /// Decisions of the rounds, counted by outcome and reason.
    package let decisions: [String: Int]

    /// - Parameter progress: called on the working threads with the share of the work that is done.
    package init(
        people: [LabelledWindows], bundle: ModelBundle, kernels: KernelSet, threads: Int,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) throws {
        let found = try ParallelMap.run(
            people, threads: threads, cost: { $0.windows.count }, progress: progress
        ) { windows -> (frozen: [Double], adapted: [Double], decision: String) in
            let stream = try PersonalStream(windows, bundle: bundle, kernels: kernels)
            let outcome = stream.adapt(seed: 1)
            let spans = windows.spans
            func accuracies(_ features: [[Double]]) -> [Double] {
                Self.shots.map {
                    FewLabels.accuracy(features, labels: windows.labels, spans: spans, shots: $0, seed: 7)
                }
            }
            let frozen = accuracies(stream.features(nil))
            // What the agent would have refused is not used.
            let adapted = outcome?.tail.map { accuracies(stream.features($0)) } ?? frozen
            let decision = outcome?.decision
            return (
                frozen, adapted, decision.map { "\($0.outcome.rawValue) (\($0.reason.rawValue))" } ?? "too little data"
            )
        }
        self.people = people.map(\.name)
        frozen = Self.shots.indices.map { shot in found.map { $0.frozen[shot] } }
        adapted = Self.shots.indices.map { shot in found.map { $0.adapted[shot] } }
        decisions = found.reduce(into: [:]) { $0[$1.decision, default: 0] += 1 }
    }

    /// Mean gain in accuracy at so many labels a class.
    package func gain(shots: Int) -> Double? {
        guard let index = Self.shots.firstIndex(of: shots), !people.isEmpty else { return nil }
        return zip(adapted[index], frozen[index]).reduce(0) { $0 + $1.0 - $1.1 } / Double(people.count)
    }
}
