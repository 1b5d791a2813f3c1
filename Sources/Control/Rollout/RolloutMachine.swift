/// Takes what a node is sent from `verified` to `active`, or back: the same machine for configurations and models.
///
/// Events in, actions out; the driver executes them in order and decides nothing. A state is recorded before the
/// action that it permits, so that after a power cut the record says what may have happened: up to `staged` nothing
/// has, from `canary` on it may have.
package struct RolloutMachine: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Keep the candidate with its payload, for good.
        case keep(Candidate, payload: [UInt8])
        /// Have the parts of its bundle come. Answer with `fetched`, however long that takes.
        case fetch(Candidate)
        /// Make the candidate's new state known for good.
        case record(Candidate)
        /// See whether it could be put to work. Answer with `validated`.
        case validate(Candidate)
        /// Lay ready what it needs. Answer with `staged`.
        case stage(Candidate)
        /// Put it to work. Answer with `applied`.
        case apply(Candidate)
        /// Begin to watch.
        case watch(Candidate)
        /// Put the last good back to work.
        case revert(Candidate)
        /// Tell the world.
        case report(Candidate)
    }

    /// Starts that a candidate gets: one, and one more after a power cut.
    package static let maximumAttempts = 2

    /// The last good of each scope.
    package internal(set) var active: [EnvelopeScope: Candidate]
    /// What is under way.
    package internal(set) var candidate: Candidate?
    /// What came for other scopes meanwhile; the newest of each.
    package internal(set) var waiting: [Candidate]
    /// Bundles whose parts are on their way, perhaps for days or in vain, so they hold nothing up.
    package internal(set) var fetching: [EnvelopeScope: Candidate]
    /// What lies ready until somebody asks for it, perhaps for weeks, so it holds nothing up.
    package internal(set) var ready: [EnvelopeScope: Candidate]
    /// Asked for while something else was under way.
    var asked: Set<EnvelopeScope> = []

    /// All that holds, is under way, lies ready, or waits: what it needs must stay.
    package var remembered: [Candidate] {
        Array(active.values) + (candidate.map { [$0] } ?? []) + Array(ready.values) + Array(fetching.values) + waiting
    }

    /// From what was recorded.
    package init(
        active: [EnvelopeScope: Candidate] = [:], candidate: Candidate? = nil, waiting: [Candidate] = []
    ) {
        self.active = active
        let open = ((candidate.map { [$0] } ?? []) + waiting).filter { !$0.state.isFinal }
        func newest(_ candidates: [Candidate]) -> [EnvelopeScope: Candidate] {
            Dictionary(candidates.map { ($0.header.scope, $0) }) { $0.header.version > $1.header.version ? $0 : $1 }
        }
        self.candidate = candidate.flatMap { $0.state.isFinal || $0.isReady || $0.comesInParts ? nil : $0 }
        self.waiting = waiting.filter { !$0.isReady && !$0.comesInParts }
        ready = newest(open.filter(\.isReady))
        fetching = newest(open.filter(\.comesInParts))
    }

    // MARK: Events

    /// The gate let an envelope pass.
    package mutating func accepted(_ envelope: Envelope) -> [Action] {
        let new = Candidate(header: envelope.header)
        let scope = new.header.scope
        // Kept at once: its version is known from now on, so nobody would send it again.
        var actions: [Action] = [.keep(new, payload: envelope.payload)]
        if let old = fetching.removeValue(forKey: scope) { actions += outdo(old, by: new) }
        guard new.comesInParts, active[scope]?.header.digest != new.header.digest else { return actions + admit(new) }
        fetching[scope] = new
        return actions + [.fetch(new)]
    }

    /// All parts of a bundle are there.
    /// - Parameter problem: why they can not be used.
    package mutating func fetched(_ scope: EnvelopeScope, version: Int64, problem: String?) -> [Action] {
        guard let current = fetching[scope], current.header.version == version else { return [] }
        fetching[scope] = nil
        if let problem { return close(current, .rejected, problem) }
        return admit(current)
    }

    /// - Parameter problem: nil: it can be put to work.
    package mutating func validated(problem: String?) -> [Action] {
        guard var current = candidate, current.state == .verified else { return [] }
        if let problem { return end(current, .rejected, problem) }
        current.state = .validated
        candidate = current
        return [.record(current), .stage(current)]
    }

    package mutating func staged(problem: String?) -> [Action] {
        guard var current = candidate, current.state == .validated else { return [] }
        if let problem { return end(current, .rejected, problem) }
        current.state = .staged
        let told: [Action] = [.record(current), .report(current)]
        guard current.header.waits else { return told + start(current) }
        candidate = nil
        let replaced = replaceReady(by: current)
        ready[current.header.scope] = current
        return replaced + told + next()
    }

    /// Somebody asks for the version that lies ready. Nil: there is none of this version.
    package mutating func startRequested(_ scope: EnvelopeScope, version: Int64) -> [Action]? {
        guard let current = ready[scope], current.header.version == version else { return nil }
        asked.insert(scope)
        return next()
    }

    /// - Parameter problem: why it could not be put to work; nothing has changed then.
    package mutating func applied(problem: String?) -> [Action] {
        guard let current = candidate, current.state == .canary else { return [] }
        if let problem { return end(current, .reverted, problem, putsBack: false) }
        return [.report(current), .watch(current)]
    }

    /// The canary's end.
    /// - Parameter problem: nil: all is well.
    package mutating func judged(problem: String?) -> [Action] {
        guard let current = candidate, current.state == .canary else { return [] }
        return end(current, problem == nil ? .active : .reverted, problem)
    }

    /// The process began anew, with what was recorded. At work is the last good of each scope.
    package mutating func resumed() -> [Action] {
        ready.values.map(Action.report) + fetching.values.map(Action.fetch) + goOn()
    }

    private mutating func goOn() -> [Action] {
        guard var current = candidate else { return next() }
        switch current.state {
        case .verified, .validated:
            current.state = .verified
            candidate = current
            return [.validate(current)]
        case .staged:
            return [.report(current)] + start(current)
        case .canary where current.attempts < Self.maximumAttempts:
            current.attempts += 1
            candidate = current
            return [.record(current), .apply(current)]
        case .canary:
            let reason = "the agent ended \(current.attempts) times while it was on trial"
            return end(current, .reverted, reason, putsBack: false)
        case .active, .rejected, .reverted:
            return []
        }
    }

    // MARK: Inside

    /// Takes up what is whole, or has it wait for another scope's trial to end.
    private mutating func admit(_ new: Candidate) -> [Action] {
        let scope = new.header.scope
        var actions: [Action] = []
        for old in waiting where old.header.scope == scope { actions += outdo(old, by: new) }
        waiting.removeAll { $0.header.scope == scope }
        guard let current = candidate else { return actions + begin(new) }
        guard current.header.scope == scope else {
            waiting.append(new)
            return actions
        }
        candidate = nil
        let state: RolloutState = current.state == .canary ? .reverted : .rejected
        actions += close(current, state, Refusal.superseded(by: new.header.version).description)
        return actions + begin(new)
    }

    private mutating func begin(_ new: Candidate) -> [Action] {
        // The same content under a higher number, as staged roll-outs send it: nothing to try out.
        if let last = active[new.header.scope], last.header.digest == new.header.digest {
            return end(new, .active, nil)
        }
        candidate = new
        return [.validate(new)]
    }

    private mutating func start(_ staged: Candidate) -> [Action] {
        var current = staged
        current.state = .canary
        current.attempts += 1
        candidate = current
        return [.record(current), .apply(current)]
    }

    /// The end of what is under way, and the beginning of what waited for it.
    private mutating func end(
        _ ending: Candidate, _ state: RolloutState, _ reason: String?, putsBack: Bool = true
    ) -> [Action] {
        candidate = nil
        return close(ending, state, reason, putsBack: putsBack) + next()
    }

    private mutating func close(
        _ ending: Candidate, _ state: RolloutState, _ reason: String?, putsBack: Bool = true
    ) -> [Action] {
        var final = ending
        final.state = state
        final.reason = reason
        var actions: [Action] = [.record(final)]
        if state == .active {
            active[final.header.scope] = final
            actions += replaceReady(by: final)
        }
        if state == .reverted, ending.state == .canary, putsBack { actions.append(.revert(final)) }
        return actions + [.report(final)]
    }

    /// What did not get its turn, since a newer one came.
    private mutating func outdo(_ old: Candidate, by newer: Candidate) -> [Action] {
        close(old, .rejected, Refusal.superseded(by: newer.header.version).description)
    }

    /// An older one of the same scope need not be waited with any more: a version never goes back.
    private mutating func replaceReady(by newer: Candidate) -> [Action] {
        let scope = newer.header.scope
        guard let old = ready[scope], old.header.version < newer.header.version else { return [] }
        ready[scope] = nil
        asked.remove(scope)
        return outdo(old, by: newer)
    }

    mutating func next() -> [Action] {
        guard candidate == nil else { return [] }
        if let scope = asked.popFirst(), let wanted = ready.removeValue(forKey: scope) { return start(wanted) }
        guard !waiting.isEmpty else { return [] }
        return begin(waiting.removeFirst())
    }
}
