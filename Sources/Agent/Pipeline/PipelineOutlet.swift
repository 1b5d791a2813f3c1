import SedgeCore
import Store

/// Where the pipeline's results go; the broker and the store in the agent, a list in tests and evaluations.
protocol PipelineOutlet: Sendable {
    /// Whether the wall clock can be trusted now.
    var clockQuality: ClockQuality { get }
    /// False when it could not be handed on; the state stays due.
    func publish(_ status: StreamStatus, of stream: StreamID) -> Bool
    /// `checkpoint` is saved right behind them.
    func submit(_ insights: [Insight], _ checkpoint: Checkpoint?)
    func streamAdded(_ stream: StreamID, topic: String)
}
