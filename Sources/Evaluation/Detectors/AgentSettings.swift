package import SedgeCore

/// What of the agent's configuration an evaluation sets; everything else is as shipped.
package struct AgentSettings: Sendable, Equatable {
    /// Samples a step.
    package var hop = 1
    /// The agent's one knob; nil: as shipped.
    package var alarmsPerWeek: Double?
    package var tier = AdaptationTier.learners

    package init(hop: Int = 1, alarmsPerWeek: Double? = nil, tier: AdaptationTier = .learners) {
        self.hop = hop
        self.alarmsPerWeek = alarmsPerWeek
        self.tier = tier
    }

    /// A stream of CSV rows whose first column is the time, every step of it published.
    package func configuration(channels: Int) throws -> Configuration {
        let names = (1...max(1, channels)).map { "\"c\(String(1000 + $0).dropFirst())\":\"\($0)\"" }
        let alarms = alarmsPerWeek.map { ",\"alarms_per_week\":\($0)" } ?? ""
        let adaptation = ",\"adaptation\":{\"tier2\":\(tier == .replay)\(alarms)}"
        return try Configuration(
            json: Array(
                """
                {"node":"eval","mqtt":{"state_interval_ms":0}\(adaptation),"stream":[{"topic":"eval/{stream}",\
                "codec":"csv","channels":{\(names.joined(separator: ","))},"time":"0","hop":\(hop),\
                "reorder_window_ms":0}]}
                """.utf8))
    }
}
