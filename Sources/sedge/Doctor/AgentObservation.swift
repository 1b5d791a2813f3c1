import SedgeCore

/// What the agent says about itself at the broker, and whether it runs.
struct AgentObservation: Equatable, Sendable {
    /// Where it says that it is there.
    let topic: String
    let now: Timestamp
    /// Seconds for which was listened; nil where the broker was not reached.
    var listened: Double?
    /// Seconds between two reports of health, as configured.
    let healthInterval: Double
    /// Of the configuration and the bundle on disk.
    var configuration: String?
    var model: String?
    /// The last that was heard; nil: nothing.
    var availability: String?
    /// The first that came while this listened; what the broker had kept does not count.
    var firstHealth: Health?
    var lastHealth: Health?
    /// The configurations that stand in the states of its streams.
    var runningConfigurations: Set<String> = []
    /// Who has the database open.
    var holder: LockHolder?

    var isOnline: Bool { availability == "online" }

    var findings: [Finding] {
        guard listened != nil else {
            let process = holder.map { "\($0.text) runs, but" } ?? "it seems not to run, and"
            return [.warn(.agent, nil, "\(process) what it publishes is not known: its broker can not be reached")]
        }
        guard let availability else {
            return [absent("nothing on \(topic): no agent of this name has published to this broker")]
        }
        guard isOnline else { return [absent("\(topic) says \(availability)")] }
        guard let health = lastHealth else {
            return [
                .warn(
                    .agent, nil, "online, but it has not reported its health",
                    advice: "It may just have started; else read its log: journalctl -u sedged -e.")
            ]
        }
        return [presence(health)] + troubles(health) + differences(health)
    }

    private func absent(_ found: String) -> Finding {
        let advice =
            holder.map {
                "\($0.text) runs: does it use this configuration, and reach this broker? journalctl -u sedged -e"
            } ?? "Start it: systemctl start sedged. Why it ended: journalctl -u sedged -e"
        return .fail(.agent, nil, .unavailable, found, advice: advice)
    }

    private func presence(_ health: Health) -> Finding {
        let age = Double(now - health.ts) / 1e6
        if let first = firstHealth, first.bootID != health.bootID {
            return .fail(
                .agent, nil, .software, "it started anew while this listened",
                advice: "If nobody restarted it, it crashes again and again: journalctl -u sedged -e.")
        }
        if age > 3 * healthInterval + 5 {
            guard (listened ?? 0) > healthInterval + 1 else {
                return .warn(
                    .agent, nil, "online, but its last health report is \(spanText(age)) old",
                    advice: "Listen longer than it takes to report: --seconds \(fixed(healthInterval + 5, 0)).")
            }
            return .fail(
                .agent, nil, .unavailable, "says online, but its last health report is \(spanText(age)) old",
                advice: "It hangs, or the clocks differ: journalctl -u sedged -e, then systemctl restart sedged.")
        }
        let figures =
            "online, version \(health.version), up \(spanText(health.uptime)), "
            + "\(fixed(health.messagesPerSecond, 1)) messages/s, \(megabytesText(health.rssBytes)), "
            + "CPU \(fixed(health.cpuPercent, 1)) %, kernel \(health.kernel)"
        if age < -5 {
            return .warn(
                .agent, nil, "\(figures); its clock is \(spanText(age)) ahead of this one",
                advice: "Is this another machine than the agent's? Set both clocks by NTP.")
        }
        return .ok(.agent, nil, "\(figures), health \(spanText(max(0, age))) old")
    }

    private func troubles(_ health: Health) -> [Finding] {
        let first = firstHealth ?? health
        func more(_ count: Int64) -> String { count > 0 ? ", \(count) of them while this listened" : "" }
        var findings: [Finding] = []
        if health.droppedTotal > 0 {
            findings.append(
                .warn(
                    .agent, nil,
                    "dropped \(health.droppedTotal) messages\(more(health.droppedTotal - first.droppedTotal)): "
                        + "more came than it could read, or some were above 1 MiB",
                    advice: "Send less, raise hop or inference.threads, or use a faster box; its log names the size of "
                        + "those that are too large."))
        }
        if health.decodeErrorsTotal > 0 {
            findings.append(
                .warn(
                    .agent, nil,
                    "could not read \(health.decodeErrorsTotal) payloads"
                        + more(health.decodeErrorsTotal - first.decodeErrorsTotal),
                    advice: "Its log names stream and reason: journalctl -u sedged | grep 'can not be read'."))
        }
        if health.outboxPending > Self.usualBacklog {
            findings.append(
                .warn(
                    .agent, nil, "\(health.outboxPending) insights wait for delivery",
                    advice: "Normal for minutes after an outage; else check the broker's limits and access list."))
        }
        if health.reconnectsTotal >= 3, Double(health.reconnectsTotal) > health.uptime / 600 {
            findings.append(
                .warn(
                    .agent, nil, "lost its broker \(health.reconnectsTotal) times in \(spanText(health.uptime))",
                    advice: "Check the network and the broker's log; does another client use the same client id?"))
        }
        return findings
    }

    /// Insights that may wait in a moment of work.
    private static let usualBacklog = 20

    /// Whether it runs what lies on the disk.
    private func differences(_ health: Health) -> [Finding] {
        var findings: [Finding] = []
        // Signed layers on the file are what it should run, and only the node knows them.
        let isRemote = runningConfigurations.contains { $0.hasPrefix("remote#") }
        if !isRemote, let model, let running = health.model, model != running {
            findings.append(
                .warn(
                    .agent, nil, "it runs \(running), configured is \(model)",
                    advice: "Load it: systemctl restart sedged."))
        }
        if !isRemote, let configuration, !runningConfigurations.isEmpty, !runningConfigurations.contains(configuration)
        {
            findings.append(
                .warn(
                    .agent, nil, "it runs another configuration than this file (\(configuration))",
                    advice: "Load it: systemctl restart sedged."))
        }
        if health.version != Version.current {
            findings.append(
                .warn(
                    .agent, nil, "it is version \(health.version), this is \(Version.current)",
                    advice: "Install both from one package."))
        }
        return findings
    }
}
