import SedgeCore
import Testing

@testable import Preprocessing

@Suite struct StepHeaderTests {
    private func header(missing: Float) -> StepHeader {
        StepHeader(
            time: Timestamp(milliseconds: 0), missing: missing, discontinuity: false,
            arrival: Timestamp(milliseconds: 0))
    }

    /// A slow or a dead sensor does not take the others along.
    @Test(arguments: 1...7) func halfTheSamplesOfOneChannelAreEnough(channels: Int) {
        let cells = channels * 8
        #expect(header(missing: Float(cells - 4) / Float(cells)).isMeasured(channels: channels))
        #expect(!header(missing: Float(cells - 3) / Float(cells)).isMeasured(channels: channels))
        #expect(!header(missing: 1).isMeasured(channels: channels))
    }
}
