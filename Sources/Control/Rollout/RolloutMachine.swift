/// Takes what a node is sent from `verified` to `active`, or back: the same machine for configurations and models.
///
/// Events in, actions out; the driver executes them in order and decides nothing. A state is recorded before the
/// action that it permits, so that after a power cut the record says what may have happened: up to `staged` nothing
/// has, from `canary` on it may have.
package struct RolloutMachine: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Keep the candidate with its payload, for good.
        case keep(Candidate, payload: [UInt8])
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
    /// What lies ready until somebody asks for it, perhaps for weeks, so it holds nothing up.
    package internal(set) var ready: [EnvelopeScope: Candidate]
    /// Asked for while something else was under way.
    var asked: Set<EnvelopeScope> = []

    /// All that holds, is under way, lies ready, or waits: what it needs must stay.
    package var remembered: [Candidate] {
        Array(active.values) + (candidate.map { [$0] } ?? []) + Array(ready.values) + waiting
    }

    /// From what was recorded.
    package init(
        active: [EnvelopeScope: Candidate] = [:], candidate: Candidate? = nil, waiting: [Candidate] = []
    ) {
        self.active = active
        self.candidate = candidate.flatMap { $0.state.isFinal || $0.isReady ? nil : $0 }
        self.waiting = waiting.filter { !$0.isReady }
        let lying = ((candidate.map { [$0] } ?? []) + waiting).filter(\.isReady)
        ready = Dictionary(lying.map { ($0.header.scope, $0) }) { $0.header.version > $1.header.version ? $0 : $1 }
    }

    // MARK: Events

    /// The gate let an envelope pass.
    package mutating func accepted(_ envelope: Envelope) -> [Action] {
        let new = Candidate(header: envelope.header)
        if let candidate, candidate.header.scope != new.header.scope {
            waiting.removeAll { $0.header.scope == new.header.scope }
            waiting.append(new)
            // Kept at once: its version is known from now on, so nobody would send it again.
            return [.keep(new, payload: envelope.payload)]
        }
        let abandoned = candidate.map { old in
            end(
                old, old.state == .canary ? .reverted : .rejected,
                Refusal.superseded(by: new.header.version).description)
        }
        return (abandoned ?? []) + begin(new, payload: envelope.payload)
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
        ready.values.map(Action.report) + goOn()
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

    private mutating func begin(_ new: Candidate, payload: [UInt8]?) -> [Action] {
        let kept: [Action] = payload.map { [.keep(new, payload: $0)] } ?? []
        // The same content under a higher number, as staged roll-outs send it: nothing to try out.
        if let last = active[new.header.scope], last.header.digest == new.header.digest {
            return kept + end(new, .active, nil)
        }
        candidate = new
        return kept + [.validate(new)]
    }

    private mutating func start(_ staged: Candidate) -> [Action] {
        var current = staged
        current.state = .canary
        current.attempts += 1
        candidate = current
        return [.record(current), .apply(current)]
    }

    private mutating func end(
        _ ending: Candidate, _ state: RolloutState, _ reason: String?, putsBack: Bool = true
    ) -> [Action] {
        let wasAtWork = ending.state == .canary
        var final = ending
        final.state = state
        final.reason = reason
        candidate = nil
        var actions: [Action] = [.record(final)]
        if state == .active {
            active[final.header.scope] = final
            actions += replaceReady(by: final)
        }
        if state == .reverted, wasAtWork, putsBack { actions.append(.revert(final)) }
        return actions + [.report(final)] + next()
    }

    /// An older one of the same scope need not be waited with any more: a version never goes back.
    private mutating func replaceReady(by newer: Candidate) -> [Action] {
        let scope = newer.header.scope
        guard var old = ready[scope], old.header.version < newer.header.version else { return [] }
        ready[scope] = nil
        asked.remove(scope)
        old.state = .rejected
        old.reason = Refusal.superseded(by: newer.header.version).description
        return [.record(old), .report(old)]
    }

    mutating func next() -> [Action] {
        guard candidate == nil else { return [] }
        if let scope = asked.popFirst(), let wanted = ready.removeValue(forKey: scope) { return start(wanted) }
        guard !waiting.isEmpty else { return [] }
        return begin(waiting.removeFirst(), payload: nil)
    }
}
