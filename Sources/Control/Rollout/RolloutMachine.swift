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
    package private(set) var active: [EnvelopeScope: Candidate]
    /// What is under way.
    package private(set) var candidate: Candidate?
    /// What came for other scopes meanwhile; the newest of each.
    package private(set) var waiting: [Candidate]

    /// All that holds, is under way, or waits: what it needs must stay.
    package var remembered: [Candidate] { Array(active.values) + (candidate.map { [$0] } ?? []) + waiting }

    /// From what was recorded.
    package init(
        active: [EnvelopeScope: Candidate] = [:], candidate: Candidate? = nil, waiting: [Candidate] = []
    ) {
        self.active = active
        self.candidate = candidate?.state.isFinal == true ? nil : candidate
        self.waiting = waiting
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
        candidate = current
        let told: [Action] = [.record(current), .report(current)]
        return current.header.waits ? told : told + start(current)
    }

    /// Somebody asks for the version that lies ready. Nil: there is none of this version.
    package mutating func startRequested(version: Int64) -> [Action]? {
        guard let current = candidate, current.state == .staged, current.header.version == version else { return nil }
        return start(current)
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
        guard var current = candidate else { return next() }
        switch current.state {
        case .verified, .validated:
            current.state = .verified
            candidate = current
            return [.validate(current)]
        case .staged:
            return [.report(current)] + (current.header.waits ? [] : start(current))
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
        if state == .active { active[final.header.scope] = final }
        var actions: [Action] = [.record(final)]
        if state == .reverted, wasAtWork, putsBack { actions.append(.revert(final)) }
        return actions + [.report(final)] + next()
    }

    private mutating func next() -> [Action] {
        guard candidate == nil, !waiting.isEmpty else { return [] }
        return begin(waiting.removeFirst(), payload: nil)
    }
}
