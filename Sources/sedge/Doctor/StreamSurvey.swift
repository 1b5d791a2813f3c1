import Ingest
import SedgeCore

/// Reads captured messages as the agent would, with its own patterns and codecs, and counts what comes of it.
struct StreamSurvey {
    private let configuration: Configuration
    private var observations: [StreamObservation]
    private var table: StreamTable
    /// The table's pattern to the configuration's `[[stream]]`: one that makes no sense is not in the table.
    private let owners: [Int]
    /// As the table counts streams.
    private var readings: [Reading] = []

    private static let refusalLimit = 3

    /// One stream's codec and what it has read.
    fileprivate struct Reading {
        let owner: Int
        let channelNames: [String]
        var codec: any PayloadCodec
        var rows: SampleRows
        var member: StreamMember
        var seenChannels: Set<Int> = []
    }

    /// `now`: when the look ended.
    init(_ configuration: Configuration, now: Timestamp) {
        self.configuration = configuration
        self.now = now
        var observations = configuration.streams.map { StreamObservation($0) }
        var patterns: [StreamPattern] = []
        var owners: [Int] = []
        for (index, stream) in configuration.streams.enumerated() {
            do {
                let pattern = try StreamPattern(stream.topic, id: stream.id)
                _ = try makeCodec(Self.settings(stream))
                patterns.append(pattern)
                owners.append(index)
            } catch {
                observations[index].problem = "\(error)"
            }
        }
        self.observations = observations
        self.owners = owners
        table = StreamTable(patterns: patterns)
    }

    private let now: Timestamp

    /// What to subscribe to.
    var filters: [String] { table.patterns.map(\.filter) }

    mutating func read(_ message: CapturedMessage) {
        let lookup = message.topic.withUnsafeBytes { table.lookup(topic: $0) }
        switch lookup {
        case .known(let index): decode(message, reading: index)
        case .new(let index, let pattern, let id):
            let owner = owners[pattern]
            let stream = configuration.streams[owner]
            guard let codec = try? makeCodec(Self.settings(stream)) else {
                preconditionFailure("a codec that was made can be made again")
            }
            var member = StreamMember(id: id, now: now)
            member.topic = message.topicText
            readings.append(
                Reading(
                    owner: owner, channelNames: stream.channelNames, codec: codec,
                    rows: SampleRows(channels: stream.channels.count), member: member))
            decode(message, reading: index)
        case .unmatched: break
        case .refused(let reason): refuse(message, reason.rawValue)
        case .full(let limit): refuse(message, "there are \(limit) streams already, which is the limit")
        }
    }

    private mutating func decode(_ message: CapturedMessage, reading index: Int) {
        // Codecs read beyond the payload's end.
        let padded = message.payload + [UInt8](repeating: 0, count: payloadPadding)
        padded.withUnsafeBytes { bytes in
            readings[index].decode(UnsafeRawBufferPointer(rebasing: bytes[..<message.payload.count]), of: message)
        }
    }

    private mutating func refuse(_ message: CapturedMessage, _ reason: String) {
        let matching = table.patterns.firstIndex { pattern in
            message.topic.withUnsafeBytes { pattern.match($0) != nil }
        }
        guard let matching else { return }
        let text = "topic \(message.topicText) can not become a stream: \(reason)"
        let owner = owners[matching]
        guard observations[owner].refusals.count < Self.refusalLimit, !observations[owner].refusals.contains(text)
        else { return }
        observations[owner].refusals.append(text)
    }

    /// What was seen, with the states that the agent published.
    /// - Parameters:
    ///   - listened: seconds; nil: the broker was not reached.
    ///   - agentIsOnline: nil where the broker of the states was not reached.
    func observed(states: [StreamID: StateReport], listened: Double?, agentIsOnline: Bool?) -> [StreamObservation] {
        var observations = observations
        var rest = states
        func add(_ member: StreamMember, to owner: Int) {
            var member = member
            member.state = states[member.id]
            member.agentIsOnline = agentIsOnline
            observations[owner].members.append(member)
        }
        for reading in readings {
            var member = reading.member
            member.absentChannels = reading.channelNames.indices.filter { !reading.seenChannels.contains($0) }
                .map { reading.channelNames[$0] }
            rest[member.id] = nil
            add(member, to: reading.owner)
        }
        for id in rest.keys {
            guard let owner = owner(ofSilent: id) else { continue }
            var member = StreamMember(id: id, now: now)
            let isCertain =
                configuration.streams[owner].id != nil || owners.count { configuration.streams[$0].id == nil } == 1
            member.topic = isCertain ? configuration.streams[owner].filterText : nil
            add(member, to: owner)
        }
        for index in observations.indices {
            observations[index].listened = listened
            observations[index].listenCommand = Self.listenCommand(configuration.mqtt.connection)
            observations[index].members.sort { $0.id < $1.id }
        }
        return observations
    }

    /// The `[[stream]]` of a stream that sent nothing. A state does not tell the topic: where several patterns could
    /// have named it, the first gets it.
    private func owner(ofSilent id: StreamID) -> Int? {
        configuration.streams.firstIndex { $0.id == id } ?? owners.first { configuration.streams[$0].id == nil }
    }

    /// Without the password, which nobody but its file needs to know.
    private static func listenCommand(_ connection: BrokerConnection) -> String {
        var words = ["mosquitto_sub -h \(connection.host) -p \(connection.port)"]
        if let username = connection.username { words.append("-u \(username)") }
        if connection.passwordFile != nil { words.append("-P …") }
        if let tls = connection.tls {
            words.append(tls.ca.map { "--cafile \($0)" } ?? "--tls-use-os-certs")
            if let cert = tls.cert, let key = tls.key { words.append("--cert \(cert) --key \(key)") }
        }
        return words.joined(separator: " ")
    }

    private static func settings(_ stream: StreamConfiguration) -> CodecSettings {
        CodecSettings(
            kind: stream.codec,
            channels: stream.channelNames.map { ChannelPath(name: $0, path: stream.channels[$0] ?? "") },
            time: stream.time)
    }
}

extension StreamSurvey.Reading {
    fileprivate mutating func decode(_ payload: UnsafeRawBufferPointer, of message: CapturedMessage) {
        if message.isRetained { member.retained += 1 } else { member.live += 1 }
        rows.removeAll()
        do {
            try codec.decode(payload, into: &rows)
        } catch {
            member.firstError = member.firstError ?? "\(error)"
            return
        }
        member.decoded += 1
        member.rows += rows.count
        for row in 0..<rows.count {
            for channel in channelNames.indices where !rows[row, channel].isNaN { seenChannels.insert(channel) }
        }
        let hasTimes = rows.times.contains { $0 != SampleRows.absentTime }
        rows.resolveTimes(arrival: message.arrival, interval: 0)
        guard let newest = rows.times.max() else { return }
        let time = Timestamp(microseconds: newest)
        // What the broker kept is old by nature.
        guard !message.isRetained else { return }
        let offset = Double(newest) / 1e6 - Double(message.arrival.microseconds) / 1e6
        let believed = offset > StreamMember.tolerance ? message.arrival : time
        member.first = member.first ?? believed
        member.newest = max(member.newest ?? believed, believed)
        guard hasTimes else { return }
        member.offset = member.offset.map { min($0.lowerBound, offset)...max($0.upperBound, offset) } ?? offset...offset
    }
}
