import Control
import Inference
import Logging
import SedgeCore

/// Checking, putting to work and taking back.
extension ControlWorker {
    // MARK: Configurations

    /// Why a configuration can not be put to work.
    func problem(inConfiguration candidate: Candidate) -> String? {
        do {
            let document = try ConfigurationLayers.read(payloads[candidate.header.transaction] ?? [])
            try layered.check { $0.remote[candidate.header.scope] = document }
            return nil
        } catch {
            return "\(error)"
        }
    }

    // MARK: Models

    /// Why a bundle can not be put to work.
    func problem(inBundle candidate: Candidate) -> String? {
        guard let digest = bundleDigest(of: candidate), let bytes = folder.read(digest) else {
            return "the bundle is not there"
        }
        do {
            let bundle = try BundleCheck.check(bytes, kernels: kernels())
            readyModels[candidate.header.transaction] = bundle.fingerprint
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Names of models that an earlier run laid ready, or that lay ready for a group that the node has joined.
    func noteReadyModels() {
        let ready = node.machines[.model]?.ready ?? [:]
        for candidate in ready.values where readyModels[candidate.header.transaction] == nil {
            _ = problem(inBundle: candidate)
        }
    }

    private func kernels() throws -> KernelSet {
        let name = layered.current.file.inference.kernel
        return try KernelSet.select(name == "auto" ? nil : name)
    }

    // MARK: Putting to work

    /// Lays ready what is needed. Returns why that failed.
    func stage(_ subject: ControlSubject, _ candidate: Candidate) -> String? {
        guard subject == .model else { return nil }
        guard let digest = bundleDigest(of: candidate) else { return "the bundle is not there" }
        do {
            try layered.check { $0.bundle = digest }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Returns why it could not be put to work; nothing has changed then.
    func apply(_ subject: ControlSubject, _ candidate: Candidate) -> String? {
        if let late = unrecorded[candidate.header.transaction] { return late.reason }
        let former = layered.current
        var trial = CanaryTrial(
            start: CanaryReading(hooks.observe()), rules: ((try? former.configuration()) ?? former.file).control)
        let document = payloads[candidate.header.transaction].flatMap { try? ConfigurationLayers.read($0) }
        if subject == .configuration, document == nil { return "its payload is lost" }
        let bundle = bundleDigest(of: candidate)
        let scope = candidate.header.scope
        let narrowest = node.scopes.last { node.machines[.model]?.active[$0] != nil || $0 == scope }
        let outcome = layered.change { layers in
            if subject == .configuration {
                layers.remote[scope] = document
            }
            // A narrower scope's model stays in force.
            else if narrowest == scope {
                layers.bundle = bundle
            }
        }
        switch outcome {
        case .refused(let error): return "\(error)"
        case .unchanged: break
        case .applied(let applied): trial.touched = applied.touched
        }
        // What was to be put back in this scope is replaced, and would be told of again behind it.
        if unreverted[subject]?.candidate.header.scope == scope { unreverted[subject] = nil }
        trials[subject] = trial
        HoldPoint.reach("applied", log)
        return nil
    }

    /// Puts the last good back to work.
    func revert(_ subject: ControlSubject, _ candidate: Candidate) {
        let scope = candidate.header.scope
        let machine = node.machines[subject]
        let former = machine?.active[scope].flatMap { payloads[$0.header.transaction] }
        let document = former.flatMap { try? ConfigurationLayers.read($0) }
        let bundle = node.modelScope.flatMap { machine?.active[$0] }.flatMap(bundleDigest)
        let outcome = layered.change { layers in
            if subject == .configuration { layers.remote[scope] = document } else { layers.bundle = bundle }
        }
        if case .refused(let error) = outcome {
            log.error("the last good could not be put back", metadata: ["error": "\(error)"])
            unreverted[subject] = (candidate, "the last good could not be put back yet: \(error)")
            revertsAgain = SystemTime.monotonicNanoseconds() + Self.revertPause
        } else {
            unreverted[subject] = nil
        }
        removeUnnamedBundles()
    }

    /// What could not be taken back, by now perhaps it can: a password's file is there again, or a disk has room.
    func revertLate(_ now: Int64) {
        guard !unreverted.isEmpty, now >= revertsAgain else { return }
        revertsAgain = now + Self.revertPause
        for (subject, late) in unreverted {
            // What is tried now stands in its place, and takes back to the same.
            guard node.machines[subject]?.candidate?.state != .canary else { continue }
            revert(subject, late.candidate)
            if unreverted[subject] == nil { report(subject, late.candidate) }
        }
    }

    private static let revertPause: Int64 = 10_000_000_000

    // MARK: The canary

    func watch(_ subject: ControlSubject, _ candidate: Candidate) {
        let begin = CanaryReading(hooks.observe())
        watches[subject] = trials.removeValue(forKey: subject).map {
            (transaction: candidate.header.transaction, watch: $0.watch(since: readings.first, from: begin))
        }
    }

    /// Looks at the agent when something is watched, and now and then for what is usual.
    func observe(_ now: Int64) {
        let isUsualDue = readings.last.map { Double(now) / 1e9 - $0.time >= 10 } ?? true
        guard !watches.isEmpty || isUsualDue else { return }
        let reading = CanaryReading(hooks.observe())
        // What is usual is learned while nothing is tried.
        if isUsualDue, watches.isEmpty { readings = readings.suffix(11) + [reading] }
        for subject in watches.keys {
            switch watches[subject]?.watch.observe(reading) {
            case .watching, nil: break
            case .passed: perform(node.drive(subject) { $0.judged(problem: nil) })
            case .failed(let problem): perform(node.drive(subject) { $0.judged(problem: problem) })
            }
        }
    }
}
