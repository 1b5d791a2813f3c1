extension RolloutMachine {
    /// The node hears other scopes from now on. What is on trial is watched to its end all the same.
    /// - Parameter recorded: what is known of the scopes that it did not hear before.
    mutating func hears(
        _ scopes: Set<EnvelopeScope>, before: Set<EnvelopeScope>, recorded: RolloutMachine
    ) -> [Action] {
        let isHeard = { (candidate: Candidate) in scopes.contains(candidate.header.scope) }
        let isNew = { (candidate: Candidate) in isHeard(candidate) && !before.contains(candidate.header.scope) }
        active = active.filter { isHeard($1) }.merging(recorded.active.filter { isNew($1) }) { $1 }
        ready = ready.filter { isHeard($1) }.merging(recorded.ready.filter { isNew($1) }) { $1 }
        asked.formIntersection(scopes)
        let newlyFetching = recorded.fetching.filter { isNew($1) }
        fetching = fetching.filter { isHeard($1) }.merging(newlyFetching) { $1 }
        let open = (recorded.candidate.map { [$0] } ?? []) + recorded.waiting
        waiting = waiting.filter(isHeard) + open.filter(isNew)
        if let current = candidate, current.state != .canary, !isHeard(current) { candidate = nil }
        return newlyFetching.values.map(Action.fetch) + next()
    }
}
