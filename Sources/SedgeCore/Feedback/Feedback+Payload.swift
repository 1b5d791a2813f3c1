import FoundationEssentials

extension Feedback {
    /// Longer payloads are refused unread.
    package static let payloadLimit = 4096

    /// Reads a payload. The error says what is wrong, and carries the id where one could be read.
    package init(payload: [UInt8]) throws(FeedbackError) {
        do {
            self = try JSONDecoder().decode(FeedbackPayload.self, from: Data(payload)).feedback
        } catch let error as ConfigurationError {
            throw FeedbackError(id: Self.id(in: payload), reason: error.description)
        } catch {
            throw FeedbackError(id: nil, reason: "found no JSON object, expected one such as \(Self.example)")
        }
    }

    private static let example = #"{"id":"1","insight":"last","verdict":"normal"}"#

    /// The id of a payload whose rest is wrong.
    private static func id(in payload: [UInt8]) -> String? {
        struct Named: Decodable { let id: String }
        guard let id = try? JSONDecoder().decode(Named.self, from: Data(payload)).id else { return nil }
        return FeedbackPayload.isName(id) ? id : nil
    }
}

/// A payload that can not be understood.
package struct FeedbackError: Error, Equatable, Sendable {
    package let id: String?
    package let reason: String
}

/// The payload as it stands in JSON: one flat object for all three kinds.
private struct FeedbackPayload: Decodable {
    let feedback: Feedback

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case v, id, insight, verdict, label, from, to, revoke
    }
    private typealias Container = StrictContainer<CodingKeys>

    init(from decoder: any Decoder) throws {
        let container = try Container(decoder, keys: CodingKeys.self)
        _ = try container.optional(.v, in: 1...1)
        let id = try Self.name(.id, container)
        let given = try [CodingKeys.verdict, .label, .revoke].filter { key in
            try key == .verdict
                ? (container.optional(key) as FeedbackVerdict?) != nil : (container.optional(key) as String?) != nil
        }
        guard given.count == 1 else {
            throw ConfigurationError(
                path: "", found: given.isEmpty ? "none" : given.map(\.rawValue).joined(separator: " and "),
                expected: "one of verdict, label, revoke")
        }
        let content: Feedback.Content
        switch given[0] {
        case .verdict: content = .verdict(try container.require(.verdict), try Self.subject(container))
        case .label:
            guard let span = try Self.span(container) else {
                throw container.error(.from, found: "nothing", expected: "a time in milliseconds since 1970")
            }
            content = .label(try Self.name(.label, container), span)
        default: content = .revocation(of: try Self.name(.revoke, container))
        }
        feedback = Feedback(id: id, content: content)
    }

    private static func subject(_ container: Container) throws -> FeedbackSubject {
        let insight: String? = try container.optional(.insight)
        let span = try span(container)
        switch (insight, span) {
        case ("last", nil): return .lastInsight
        case (_?, nil): return .insight(try name(.insight, container))
        case (nil, let span?): return .span(span)
        case (_?, _?):
            throw container.error(.insight, found: "also from and to", expected: "an insight or a time span")
        case (nil, nil):
            throw container.error(.insight, found: "nothing", expected: "an insight's id, \"last\", or from and to")
        }
    }

    /// Both ends or neither.
    private static func span(_ container: Container) throws -> TimeSpan? {
        let from: Int? = try container.optional(.from, in: timeRange, unit: "milliseconds since 1970")
        let to: Int? = try container.optional(.to, in: timeRange, unit: "milliseconds since 1970")
        guard let from, let to else {
            guard from == nil, to == nil else {
                throw container.error(
                    from == nil ? .from : .to, found: "nothing", expected: "a time in milliseconds since 1970")
            }
            return nil
        }
        guard from <= to else { throw container.error(.to, found: "\(to)", expected: "\(from) or later, as from is") }
        // The last millisecond is meant whole.
        return TimeSpan(
            from: Timestamp(milliseconds: Int64(from)), to: Timestamp(microseconds: Int64(to) * 1000 + 999))
    }

    /// Up to the year 9999.
    private static let timeRange = 0...253_402_300_799_999

    private static func name(_ key: CodingKeys, _ container: Container) throws -> String {
        let text: String = try container.require(key)
        guard isName(text) else {
            throw container.error(key, found: "\"\(text.prefix(80))\"", expected: "1 to 64 printable bytes of UTF-8")
        }
        return text
    }

    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}
