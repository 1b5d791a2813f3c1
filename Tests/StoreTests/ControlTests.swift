import SedgeCore
import Testing

@testable import Store

/// What the node was sent.
struct ControlTests {
    let fixture = StoreFixture()

    private func rollout(_ version: Int64, _ state: String = "verified", target: String = "node/gw-7") -> StoredRollout
    {
        StoredRollout(
            target: target, version: version, digest: "sha256:\(version)", header: "{}",
            payload: [UInt8(version & 255)],
            state: state, at: Timestamp(milliseconds: version))
    }

    @Test(arguments: StoredRollout.Kind.allCases) func rolloutsSurviveAReopening(kind: StoredRollout.Kind) throws {
        var store = try fixture.open().store
        try store.saveRollout(rollout(1), in: kind)
        try store.saveRollout(rollout(2), in: kind)
        try store.updateRollout(
            target: "node/gw-7", version: 2, state: "reverted", reason: "no samples", attempts: 2,
            at: Timestamp(milliseconds: 9), in: kind)
        try store.close()
        store = try fixture.open().store
        var second = rollout(2, "reverted")
        second.reason = "no samples"
        second.attempts = 2
        second.changedAt = Timestamp(milliseconds: 9)
        #expect(try store.rollouts(kind) == [rollout(1), second])
        try store.close()
    }

    @Test func theSameVersionAgainTakesItsPlace() throws {
        let store = try fixture.open().store
        try store.saveRollout(rollout(1, "reverted"), in: .configurations)
        try store.saveRollout(rollout(1), in: .configurations)
        #expect(try store.rollouts(.configurations).map(\.state) == ["verified"])
    }

    @Test func theLastGoodIsKeptBeyondTheLimit() throws {
        let store = try fixture.open().store
        try store.saveRollout(rollout(1, "active"), in: .configurations)
        try store.saveRollout(rollout(1, "active", target: "all"), in: .configurations)
        for version in 2...Int64(Store.rolloutsKept + 10) {
            try store.saveRollout(rollout(version, "reverted"), in: .configurations)
        }
        let kept = try store.rollouts(.configurations).filter { $0.target == "node/gw-7" }
        #expect(kept.count == Store.rolloutsKept + 1)
        #expect(kept.first?.version == 1)
        #expect(try store.rollouts(.configurations).contains { $0.target == "all" })
    }
}
