import SedgeCore
import Testing

@testable import Evaluation

@Suite struct PersonalizationRunTests {
    /// Two classes a step apart along the first axis; each person stands elsewhere on it.
    private struct Axis: WindowReader {
        let name = "axis"
        let kind = ResultTable.Kind.agent
        func features(of windows: LabelledWindows) throws -> [[Double]] { windows.windows.map { $0.map { $0[0] } } }
    }

    private static func people(spread: Double) throws -> [LabelledWindows] {
        var random = SeededRandom(seed: 3)
        return try (0..<6).map { person in
            let offset = spread * Double(person - 3)
            let labels = (0..<60).map { $0 % 2 }
            let windows = labels.map { label in
                [[Double(label) + offset + 0.2 * (random.uniform() - 0.5)], [random.uniform()]]
            }
            return try LabelledWindows(name: "\(person)", windows: windows, labels: labels)
        }
    }

    private static func curve(spread: Double, isAdapted: Bool) throws -> [Double] {
        try PersonalizationRun(groups: people(spread: spread), reader: Axis(), isAdapted: isAdapted, threads: 1)
            .accuracies.map { $0.reduce(0, +) / Double($0.count) }
    }

    @Test func peopleWhoAreAlikeNeedNoLabels() throws {
        for accuracy in try Self.curve(spread: 0, isAdapted: false) { #expect(accuracy == 1) }
    }

    @Test func ownWindowsHelpWherePeopleDiffer() throws {
        let curve = try Self.curve(spread: 1, isAdapted: false)
        #expect(curve[0] < 0.7 && curve[4] > curve[0] + 0.1, "\(curve)")
    }

    @Test func thePersonsOwnMeanNeedsNoLabelAtAll() throws {
        #expect(try Self.curve(spread: 1, isAdapted: true)[0] == 1)
    }

    @Test func onePersonIsNotEnough() throws {
        let people = try Self.people(spread: 0)
        #expect(throws: EvaluationError.self) {
            try PersonalizationRun(groups: [people[0]], reader: Axis(), isAdapted: false, threads: 1)
        }
    }
}
