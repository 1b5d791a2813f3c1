import Messaging
import SedgeCore

extension MQTTClient {
    /// Connects, and returns when that is done. Throws at once what only a person can mend, and after `seconds` what is
    /// left.
    ///
    /// - Parameters:
    ///   - label: names the broker.
    ///   - wakeup: signalled whenever something happens.
    ///   - problem: the last that was told of.
    func connect(
        to label: String, within seconds: Double, wakeup: Wakeup, problem: () -> MQTTEvent?
    ) throws(Failure) {
        start()
        let deadline = SystemTime.monotonicNanoseconds() + Int64(seconds * 1e9)
        while !isConnected {
            let problem = problem()
            let isHopeless: Bool =
                switch problem {
                case .refused: true
                case .failed(_, let loss): loss.needsOperator
                default: false
                }
            guard !isHopeless, !Interruption.isRequested, SystemTime.monotonicNanoseconds() < deadline else {
                stop(deadline: .zero)
                throw Failure(.unavailable, problem.map(\.clause) ?? "no answer from \(label)")
            }
            wakeup.wait(milliseconds: 20)
        }
    }
}

extension MQTTEvent {
    /// Without its full stop, to stand within a sentence of ours.
    var clause: String {
        let text = "\(self)"
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}
