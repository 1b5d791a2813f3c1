import SedgeCore
import Synchronization

/// Takes a staged configuration to the pipeline's thread, and brings back what it did.
final class ReloadGate: Sendable {
    private enum State {
        /// The pipeline does not run yet, or no more.
        case closed
        case open
        case waiting(Handover<StagedConfiguration>)
        case adopting
        case done(AdoptionReport)
    }

    private let state = Mutex(State.closed)
    private let isDone = Wakeup()
    private let wakeup: Wakeup

    /// - Parameter wakeup: wakes the pipeline's thread.
    init(wakeup: Wakeup) { self.wakeup = wakeup }

    /// Waits until the pipeline has adopted it, for one caller at a time. Nil: the pipeline does not run.
    func hand(_ staged: StagedConfiguration) -> AdoptionReport? {
        let parcel = Handover(staged)
        let isOpen = state.withLock { state in
            guard case .open = state else { return false }
            state = .waiting(parcel)
            return true
        }
        guard isOpen else { return nil }
        wakeup.signal()
        while true {
            isDone.wait()
            let outcome: AdoptionReport?? = state.withLock { state in
                switch state {
                case .done(let report):
                    state = .open
                    return .some(report)
                case .closed: return .some(nil)
                default: return nil
                }
            }
            if let outcome { return outcome }
        }
    }

    /// Before the pipeline's thread begins.
    func open() { state.withLock { $0 = .open } }

    // MARK: The pipeline's thread

    func close() {
        state.withLock { $0 = .closed }
        isDone.signal()
    }

    func take() -> StagedConfiguration? {
        let parcel: Handover<StagedConfiguration>? = state.withLock { state in
            guard case .waiting(let parcel) = state else { return nil }
            state = .adopting
            return parcel
        }
        return parcel?.value
    }

    func adopted(_ report: AdoptionReport) {
        state.withLock { $0 = .done(report) }
        isDone.signal()
    }
}
