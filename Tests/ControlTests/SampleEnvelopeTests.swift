import Control
import SedgeCore
import Testing

/// The envelopes of `firmware-config/samples`, which OpenSSL signed: another implementation of the same description.
struct SampleEnvelopeTests {
    private struct Vectors: Decodable {
        struct Sample: Decodable {
            let file: String
            /// `accepted`, `others`, or a part of why it is refused.
            let outcome: String
            let transaction: String
        }

        let node: String
        let groups: [String]
        let now: Int64
        let trustedKey: String
        let envelopes: [Sample]

        private enum CodingKeys: String, CodingKey {
            case node, groups, now, envelopes
            case trustedKey = "trusted_key"
        }
    }

    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        + "/firmware-config/samples/envelopes"

    @Test func areJudgedAsTheySay() throws {
        let vectors = try PayloadJSON.decode(
            Vectors.self, from: FileBytes.read("\(Self.folder)/vectors.json", limit: 1 << 20))
        #expect(vectors.envelopes.count > 10)
        for sample in vectors.envelopes {
            let bytes = try FileBytes.read("\(Self.folder)/\(sample.file)", limit: 1 << 20)
            let text = String(decoding: bytes, as: UTF8.self)
            let scope: EnvelopeScope =
                text.contains(#""target":"group/"#)
                ? .group(try GroupID("plant")) : text.contains(#""target":"all""#) ? .all : .node(try NodeID("gw-1"))
            let here = EnvelopeGate.Circumstances(
                node: try NodeID(vectors.node), groups: try vectors.groups.map { try GroupID($0) },
                keys: KeyRing(file: [try #require(TrustedKey(vectors.trustedKey))]),
                subject: sample.file.hasPrefix("keys") ? .keys : .configuration, scope: scope, highest: 0,
                now: Timestamp(milliseconds: vectors.now), isClockSynced: true)
            switch EnvelopeGate.judge(bytes, here) {
            case .accept(let envelope):
                #expect(sample.outcome == "accepted", "\(sample.file)")
                #expect(envelope.header.transaction == sample.transaction)
            case .others(let header):
                #expect(sample.outcome == "others", "\(sample.file)")
                #expect(header.transaction == sample.transaction)
            case .known: Issue.record("\(sample.file) is new")
            case .refuse(let refusal, _):
                #expect("\(refusal)".contains(sample.outcome), "\(sample.file): \(refusal)")
            }
        }
    }
}
