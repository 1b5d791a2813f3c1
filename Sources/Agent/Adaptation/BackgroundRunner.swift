import SedgeCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Does rounds on a thread of its own, of the lowest priority, within a share of a core that is measured: after every
/// slice it sleeps until the thread's CPU time is no more than that share of the time that has passed.
final class BackgroundRunner: RoundRunner, Sendable {
    private struct State: Sendable {
        var round: Box?
        var isWorking = false
        var isStopping = false
        var owner = ""
        var report: RoundReport?
    }

    /// Carries a round to the thread. `@unchecked Sendable`: taken once, under the lock.
    private struct Box: @unchecked Sendable { let round: AdaptationRound }

    private let state = Mutex(State())
    private let wakeup = Wakeup()
    private let share: Atomic<Int>
    private let thread = Mutex<WorkerThread?>(nil)
    /// CPU time that training has used, in nanoseconds.
    private let used = Atomic<Int64>(0)

    /// - Parameter yields: false for tests on a machine that others never leave idle.
    init(percent: Int, yields: Bool = true) {
        share = Atomic(percent)
        thread.withLock { thread in
            thread = WorkerThread(name: "sedge-adapt") { [weak self] in
                if yields { Self.yieldToAll() }
                while let self, self.work() {}
            }
        }
    }

    var isBusy: Bool { state.withLock { $0.round != nil || $0.isWorking || $0.report != nil } }
    var cpuNanoseconds: Int64 { used.load(ordering: .relaxed) }

    /// The budget, from the next slice on.
    var percent: Int {
        get { share.load(ordering: .relaxed) }
        set { share.store(newValue, ordering: .relaxed) }
    }

    func start(_ round: sending AdaptationRound, for owner: String) {
        let box = Box(round: round)
        state.withLock { ($0.round, $0.owner) = (box, owner) }
        wakeup.signal()
    }

    func advance(steps: Int) {}

    func take(for owner: String) -> RoundReport? {
        state.withLock { state in state.owner == owner ? state.report.take() : nil }
    }

    func abandon(_ owner: String) {
        state.withLock { state in
            if state.owner == owner { (state.round, state.report, state.owner) = (nil, nil, "") }
        }
    }

    /// Ends the thread; a round in hand is dropped.
    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
        thread.withLock { $0.take() }?.join()
    }

    /// False: it is over.
    private func work() -> Bool {
        wakeup.wait(milliseconds: 500)
        let (box, owner): (Box?, String) = state.withLock { state in
            state.isWorking = state.round != nil
            return (state.round.take(), state.owner)
        }
        guard var round = box?.round else { return !isStopping }
        defer { state.withLock { $0.isWorking = false } }
        var pacer = CPUPacer(percent: percent)
        var last = SystemTime.threadCPUNanoseconds()
        _ = pacer.pause(wall: SystemTime.monotonicNanoseconds(), cpu: last)
        while isWanted(by: owner) {
            let result = round.advance()
            let cpu = SystemTime.threadCPUNanoseconds()
            used.add(cpu - last, ordering: .relaxed)
            last = cpu
            pacer.share = Double(percent) / 100
            sleep(pacer.pause(wall: SystemTime.monotonicNanoseconds(), cpu: cpu))
            // Paid for first, or the next round would begin with nothing owed.
            if let result {
                let report = RoundReport(result: result, complaints: round.complaints)
                state.withLock { if $0.owner == owner { $0.report = report } }
                break
            }
        }
        return !isStopping
    }

    /// Whether a round is still to be done: it was not abandoned, and this is not the end.
    private func isWanted(by owner: String) -> Bool { state.withLock { !$0.isStopping && $0.owner == owner } }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    /// In pieces, so that the end need not wait for it.
    private func sleep(_ nanoseconds: Int64) {
        let end = SystemTime.monotonicNanoseconds() + nanoseconds
        while !isStopping {
            let left = end - SystemTime.monotonicNanoseconds()
            guard left > 0 else { return }
            wakeup.wait(milliseconds: Int(min(200, left / 1_000_000 + 1)))
        }
    }

    /// Others first: only what nobody else wants.
    private static func yieldToAll() {
        var parameters = sched_param()
        // SCHED_IDLE, which the C module does not show everywhere.
        if sched_setscheduler(0, 5, &parameters) != 0 { _ = nice(19) }
    }
}
