import Control
import SedgeCore

/// Throws many mutated envelopes at a node that has none, and at one that has seen the right ones.
package struct MutationCampaign {
    package private(set) var mutants = 0
    /// Mutants that would have changed a node.
    package private(set) var accepted: [String] = []
    package private(set) var refusals: [String: Int] = [:]

    private let originals: Set<Envelope>
    private var mutator: EnvelopeMutator
    private let keys: KeyRing
    private let highest: Int64

    /// - Parameter payload: of the largest of the envelopes.
    package init(seed: UInt64, payload: [UInt8] = Array(#"{"adaptation":{"alarms_per_week":2}}"#.utf8)) throws {
        let (trusted, stranger) = (SigningKey(), SigningKey())
        let node = EnvelopeScope.node(try NodeID("gw-7"))
        let right = [
            trusted.sign(payload, kind: .configuration, scope: node, version: 41),
            trusted.sign(payload, kind: .configuration, scope: node, version: 42) {
                $0.expires = Timestamp(milliseconds: 4_000_000_000_000)
            },
            trusted.sign(payload, kind: .bundle, scope: .all, version: 7) { $0.waits = true },
            trusted.sign(payload, kind: .configuration, scope: .group(try GroupID("plant")), version: 9) {
                $0.only = [try? NodeID("gw-1"), try? NodeID("gw-7")].compactMap(\.self)
                $0.notBefore = Timestamp(milliseconds: 1_000)
            },
            trusted.sign(
                KeyChange(add: [stranger.trusted]).json(), kind: .keys, scope: node, version: 3),
        ]
        let wrong = [
            stranger.sign(payload, kind: .configuration, scope: node, version: 50),
            trusted.sign(payload, kind: .configuration, scope: .node(try NodeID("gw-8")), version: 60),
        ]
        originals = Set(right)
        mutator = EnvelopeMutator(originals: (right + wrong).map { $0.json() }, seed: seed)
        keys = KeyRing(file: [trusted.trusted])
        highest = 42
    }

    package mutating func run(_ count: Int) throws {
        let goal = mutants + count
        let scopes: [EnvelopeScope] = [.all, .group(try GroupID("plant")), .node(try NodeID("gw-7"))]
        while mutants < goal {
            let (kind, bytes) = mutator.next()
            mutants += 1
            guard let envelope = try? Envelope(json: bytes) else {
                // Wherever it arrives, and whatever was seen before.
                judge(bytes, kind, try here(.configuration, .all, 0))
                continue
            }
            // A mutation that changed nothing, or only how the same is written, is a replay: right for a fresh node.
            let isReplay = originals.contains(envelope)
            for subject in ControlSubject.allCases {
                for scope in scopes {
                    for seen in isReplay ? [highest] : [0, highest] {
                        judge(bytes, kind, try here(subject, scope, seen))
                    }
                }
            }
        }
    }

    private func here(
        _ subject: ControlSubject, _ scope: EnvelopeScope, _ highest: Int64
    ) throws -> EnvelopeGate.Circumstances {
        EnvelopeGate.Circumstances(
            node: try NodeID("gw-7"), groups: [try GroupID("plant")], keys: keys, subject: subject, scope: scope,
            highest: highest, highestDigest: highest == 0 ? nil : ContentDigest(of: [1]),
            now: Timestamp(milliseconds: 1_800_000_000_000), isClockSynced: true)
    }

    private mutating func judge(
        _ bytes: [UInt8], _ kind: EnvelopeMutator.Kind, _ here: EnvelopeGate.Circumstances
    ) {
        switch EnvelopeGate.judge(bytes, here) {
        case .refuse(let refusal, _): refusals[refusal.name, default: 0] += 1
        case .accept, .known, .others:
            accepted.append("\(kind): \(String(decoding: bytes.prefix(400), as: UTF8.self))")
        }
    }
}

extension Refusal {
    /// The case without what it carries.
    package var name: String {
        switch self {
        case .malformed: "malformed"
        case .wrongDigest: "wrongDigest"
        case .wrongKind: "wrongKind"
        case .wrongTarget: "wrongTarget"
        case .unknownKey: "unknownKey"
        case .revokedKey: "revokedKey"
        case .badSignature: "badSignature"
        case .notYet: "notYet"
        case .expired: "expired"
        case .downgrade: "downgrade"
        case .reused: "reused"
        case .unusable: "unusable"
        case .superseded: "superseded"
        case .crowdedOut: "crowdedOut"
        case .notReady: "notReady"
        case .retained: "retained"
        }
    }
}
