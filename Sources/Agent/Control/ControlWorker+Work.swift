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
        let reading = CanaryReading(hooks.observe())
        beforeChange[subject] = reading
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
        if case .refused(let error) = outcome { return "\(error)" }
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
        }
        removeUnnamedBundles()
    }

    // MARK: The canary

    func watch(_ subject: ControlSubject) {
        guard let start = beforeChange[subject] else { return }
        let seconds = Double(layered.current.canarySeconds)
        watches[subject] = CanaryWatch(seconds: seconds, earlier: readings.first, start: start)
    }

    /// Looks at the agent when something is watched, and now and then for what is usual.
    func observe(_ now: Int64) {
        let isUsualDue = readings.last.map { Double(now) / 1e9 - $0.time >= 10 } ?? true
        guard !watches.isEmpty || isUsualDue else { return }
        let reading = CanaryReading(hooks.observe())
        // What is usual is learned while nothing is tried.
        if isUsualDue, watches.isEmpty { readings = readings.suffix(11) + [reading] }
        for (subject, var watch) in watches {
            let verdict = watch.observe(reading)
            watches[subject] = watch
            switch verdict {
            case .watching: break
            case .passed: perform(node.drive(subject) { $0.judged(problem: nil) })
            case .failed(let problem): perform(node.drive(subject) { $0.judged(problem: problem) })
            }
        }
    }
}

extension LayeredConfiguration.Layers {
    /// The file's: what is tried out must not shorten its own trial.
    fileprivate var canarySeconds: Int { file.control.canarySeconds }
}

extension CanaryReading {
    init(_ seen: AgentObservations) {
        self.init(
            time: Double(seen.time) / 1e9, isConnected: seen.isConnected, passesSelfTest: seen.passesSelfTest,
            decoded: seen.decoded, failed: seen.decodeErrors, cpu: Double(seen.processorTime) / 1e9,
            memory: seen.residentBytes, alarms: seen.alarms)
    }
}
