import SedgeCore
import Testing

@testable import Agent

@Suite struct StepHistoryTests {
    private func history(_ steps: Int) -> StepHistory {
        var history = StepHistory(channels: 1, width: 2, clip: 12.7)
        for step in 0..<steps {
            let patches = [Float(step % 100) / 10, -Float(step % 100) / 10]
            history.append(
                time: Timestamp(milliseconds: Int64(step)), learned: step % 3 != 0, patches: patches.span,
                levels: [Float(step)].span)
        }
        return history
    }

    @Test(arguments: [0, 1, 383, 384, 385, 1000])
    func theLastStepsAreThereInOrder(_ steps: Int) {
        let history = history(steps)
        #expect(history.count == min(steps, StepHistory.capacity))
        for index in 0..<history.count {
            let step = steps - history.count + index
            #expect(history.step(index).time == Timestamp(milliseconds: Int64(step)))
            #expect(history.step(index).isLearned == (step % 3 != 0))
            var patches: [Float] = []
            history.appendPatches(of: index, to: &patches)
            var levels: [Float] = []
            history.appendLevels(of: index, to: &levels)
            #expect(levels == [Float(step)])
            #expect(abs(patches[0] - Float(step % 100) / 10) < 0.051 && patches[1] == -patches[0])
        }
    }

    @Test func whatLiesBeyondTheClipSaturates() {
        var history = StepHistory(channels: 1, width: 3, clip: 8)
        let patches: [Float] = [1000, -1000, .infinity]
        history.append(time: Timestamp(milliseconds: 0), learned: true, patches: patches.span, levels: [0].span)
        var found: [Float] = []
        history.appendPatches(of: 0, to: &found)
        #expect(found == [8, -8, 8])
    }
}
