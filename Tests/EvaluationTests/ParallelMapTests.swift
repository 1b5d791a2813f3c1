import Synchronization
import Testing

@testable import Evaluation

@Suite struct ParallelMapTests {
    @Test(arguments: [1, 2, 5, 100])
    func resultsStandInTheOrderOfTheItems(threads: Int) throws {
        let shares = Mutex<[Double]>([])
        let squares = try ParallelMap.run(
            Array(0..<40), threads: threads, cost: { $0 % 7 },
            progress: { share in shares.withLock { $0.append(share) } }
        ) { $0 * $0 }
        #expect(squares == (0..<40).map { $0 * $0 })
        #expect(shares.withLock { $0.count == 40 && $0.contains(1) && $0.allSatisfy { $0 > 0 && $0 <= 1 } })
    }

    @Test func theFirstErrorEndsTheWork() {
        let begun = Mutex(0)
        #expect(throws: EvaluationError(place: "three", message: "no")) {
            _ = try ParallelMap.run(Array(0..<1000), threads: 1, cost: { 1000 - $0 }) { item in
                begun.withLock { $0 += 1 }
                if item == 3 { throw EvaluationError(place: "three", message: "no") }
            }
        }
        #expect(begun.withLock { $0 } == 4)
    }

    @Test func nothingToDoIsDone() throws {
        #expect(try ParallelMap.run([Int](), threads: 2, cost: { $0 }) { $0 }.isEmpty)
    }
}
