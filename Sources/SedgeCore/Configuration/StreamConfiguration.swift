/// `[[stream]]`: a topic pattern and how what comes there is read and judged.
package struct StreamConfiguration: Codable, Sendable, Equatable {
    /// An MQTT topic; `{stream}` in place of one level names the stream.
    package var topic: String
    /// The stream's name where the topic has no `{stream}`.
    package var id: StreamID?
    package var codec = StreamCodec.json
    /// Channel's name to where it stands in a payload, as the codec has it.
    package var channels: [String: String]
    /// Where the event time stands; nil: arrival time.
    package var time: String?
    /// Samples are brought to this rate; nil: taken as they come.
    package var rateHz: Double?
    /// Samples a step; at most the bundle's patch.
    package var hop = 8
    /// How long a sample waits for earlier ones; nil: two periods, 2 s at most.
    package var reorderWindowMS: Int?
    package var insights: [InsightKind] = [.anomaly, .state, .quality, .adaptation]
    /// Anomalies below are not reported.
    package var minSeverity = 0.2
    /// Insights of one kind an hour at most; what is beyond is counted.
    package var maxInsightsPerHour = 60
    /// Silence after which the stream counts as stale.
    package var staleAfterS = 300.0
    /// This stream's encoder, as `inference.bundle` names it; nil: that one.
    package var bundle: String?
    /// Learn nothing, alarm nothing: `Sat 00:00-06:00`, local time.
    package var mute: [MaintenanceWindow] = []

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case topic, id, codec, channels, time
        case rateHz = "rate_hz"
        case hop
        case reorderWindowMS = "reorder_window_ms"
        case insights
        case minSeverity = "min_severity"
        case maxInsightsPerHour = "max_insights_per_hour"
        case staleAfterS = "stale_after_s"
        case bundle, mute
    }

    package init(from decoder: any Decoder) throws {
        let container = try StrictContainer(decoder, keys: CodingKeys.self)
        topic = try container.require(.topic)
        id = try container.optional(.id)
        codec = try container.value(.codec, default: codec)
        channels = try container.require(.channels)
        guard (1...64).contains(channels.count) else {
            throw container.error(.channels, found: "\(channels.count) channels", expected: "1 to 64")
        }
        for name in channels.keys.sorted() where name.isEmpty || name.utf8.count > 64 {
            throw container.error(.channels, found: "\"\(name.prefix(80))\"", expected: "a name of 1 to 64 bytes")
        }
        time = try container.optional(.time)
        rateHz = try container.optional(.rateHz, in: 1e-6...100_000, unit: "Hz")
        hop = try container.value(.hop, default: hop, in: 1...1024, unit: "samples")
        reorderWindowMS = try container.optional(.reorderWindowMS, in: 0...3_600_000, unit: "milliseconds")
        insights = try container.value(.insights, default: insights)
        minSeverity = try container.value(.minSeverity, default: minSeverity, in: 0...1)
        maxInsightsPerHour = try container.value(.maxInsightsPerHour, default: maxInsightsPerHour, in: 1...100_000)
        staleAfterS = try container.value(.staleAfterS, default: staleAfterS, in: 0.1...31_536_000, unit: "seconds")
        bundle = try container.optional(.bundle)
        if bundle == "" { throw container.error(.bundle, found: "\"\"", expected: "a name or a path") }
        mute = try container.value(.mute, default: mute)
    }

    /// All that learned statistics depend on; what was learned under another shape is of no use.
    package var shape: String {
        let paths = channelNames.map { "\($0)=\(channels[$0]!)" }.joined(separator: ",")
        return "\(codec.rawValue) hop=\(hop) rate=\(rateHz.map { "\($0)" } ?? "-") \(paths)"
    }

    /// The channels in the order of their lanes: by name.
    package var channelNames: [String] { channels.keys.sorted() }
}

/// The payload formats that can be read.
package enum StreamCodec: String, Codable, Sendable, CaseIterable, CaseListing {
    case json, csv, senml, influx, number
}

extension InsightKind: CaseListing {}
