import SedgeCore

/// Makes the codec that the settings ask for. It belongs to one thread, which need not be the caller's.
package func makeCodec(_ settings: CodecSettings) throws(CodecSettingsError) -> sending any PayloadCodec {
    let limit = 256
    guard !settings.channels.isEmpty else { throw .noChannels }
    guard settings.channels.count <= limit else {
        throw .tooManyChannels(found: settings.channels.count, limit: limit)
    }
    var names: Set<String> = []
    for channel in settings.channels where !names.insert(channel.name).inserted {
        throw .duplicateChannel(channel.name)
    }
    if let time = settings.time, settings.kind != .json, settings.kind != .csv {
        throw .timeNotAllowed(settings.kind, path: time)
    }
    switch settings.kind {
    case .json: return try JSONCodec(settings)
    case .csv: return try CSVCodec(settings)
    case .senml: return try SenMLCodec(settings)
    case .influx: return try InfluxCodec(settings)
    case .number: return try NumberCodec(settings)
    }
}
