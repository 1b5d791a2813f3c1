import SedgeCore

/// What came on one `[[stream]]` of the configuration: its streams, or why there are none.
struct StreamObservation: Sendable {
    let configuration: StreamConfiguration
    /// Why nothing can be read with it: its topic or channels make no sense.
    var problem: String?
    /// Seconds for which was listened; nil where the broker was not reached.
    var listened: Double?
    /// The command that listens there by hand; a password is left out.
    var listenCommand = "mosquitto_sub"
    /// In the order of their names.
    var members: [StreamMember] = []
    /// Topics that match, but can not become a stream, and why; the first few.
    var refusals: [String] = []

    init(_ configuration: StreamConfiguration) { self.configuration = configuration }

    /// Streams without a fault that are listed one by one.
    private static let listedWhenFine = 8

    var findings: [Finding] {
        let topic = configuration.topic
        if let problem {
            return [.fail(.stream, topic, .configuration, problem, advice: "Correct this [[stream]].")]
        }
        guard let listened else {
            return [.warn(.stream, topic, "not listened to: its broker can not be reached")]
        }
        let refused = refusals.map {
            Finding.warn(.stream, topic, $0, advice: "Rename the topic's level, or narrow the pattern.")
        }
        guard !members.isEmpty else { return [nothingCame(in: listened)] + refused }
        var fineCount = 0
        var findings: [Finding] = []
        for member in members {
            let finding = member.finding(under: configuration, listened: listened, listenCommand: listenCommand)
            if finding.level == .ok {
                fineCount += 1
                guard fineCount <= Self.listedWhenFine else { continue }
            }
            findings.append(finding)
        }
        if fineCount > Self.listedWhenFine {
            let count = fineCount - Self.listedWhenFine
            findings.append(.ok(.stream, topic, "\(count) more stream\(count == 1 ? " is" : "s are") fine too"))
        }
        return findings + refused
    }

    private func nothingCame(in listened: Double) -> Finding {
        let found = "no message in \(spanText(listened))"
        let listen = "Listen yourself: \(listenCommand) -v -t '\(configuration.filterText)'"
        // A stream that is allowed to be silent for longer may just be slow.
        guard listened >= configuration.staleAfterS else {
            return .warn(
                .stream, configuration.topic, found,
                advice:
                    "Does the sensor publish there, and may this user read it? A slow sensor needs --seconds. \(listen)"
            )
        }
        return .fail(
            .stream, configuration.topic, .unavailable, found,
            advice: "Does the sensor publish there, and may this user read it? \(listen)")
    }
}

extension StreamConfiguration {
    /// What to subscribe to by hand.
    var filterText: String {
        topic.split(separator: "/", omittingEmptySubsequences: false).map { $0 == "{stream}" ? "+" : $0 }
            .joined(separator: "/")
    }
}
