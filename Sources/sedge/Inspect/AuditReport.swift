import SedgeCore
import Store

/// The audit log, for people and for scripts.
enum AuditReport {
    private struct Row: Encodable {
        let ts: Timestamp
        let since: Timestamp
        let subject: String
        let target: String
        let version: Int64?
        let digest: String?
        let key: String?
        let accepted: Bool
        let count: Int64
        let reason: String
    }

    static func text(_ entries: [AuditEntry]) -> String {
        let rows = entries.map { entry in
            [
                entry.at.iso8601, entry.subject, entry.target, entry.version.map { "\($0)" } ?? "–", entry.key ?? "–",
                entry.accepted ? "yes" : "no", "\(entry.count)", entry.reason,
            ]
        }
        return TextTable(
            header: ["time", "subject", "target", "version", "key", "taken", "count", "reason"], leading: 8, rows: rows
        ).text
    }

    static func json(_ entries: [AuditEntry]) -> String {
        let rows = entries.map {
            Row(
                ts: $0.at, since: $0.since ?? $0.at, subject: $0.subject, target: $0.target, version: $0.version,
                digest: $0.digest, key: $0.key, accepted: $0.accepted, count: $0.count, reason: $0.reason)
        }
        return String(decoding: PayloadJSON.encode(rows), as: UTF8.self) + "\n"
    }
}
