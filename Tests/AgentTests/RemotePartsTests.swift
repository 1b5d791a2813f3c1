import Control
import SedgeCore
import Testing

@testable import Agent

/// Parts that came in vain are asked for anew.
struct RemotePartsTests {
    private let control: ControlUnderTest

    init() throws { control = try ControlUnderTest() }

    private let filter = "sedge/gw-7/model/desired/+"
    private let second: Int64 = 1_000_000_000

    private func manifest(
        _ content: UInt8, version: Int64, scope: EnvelopeScope = ControlUnderTest.node
    ) -> (manifest: BundleManifest, envelope: Envelope) {
        let manifest = BundleManifest(bundle: [UInt8](repeating: content, count: 5000), partSize: 1024)
        return (manifest, control.key.sign(manifest.json(), kind: .manifest, scope: scope, version: version))
    }

    /// A bundle that can be used, for all nodes and in parts.
    private func forAll(_ seed: UInt64, version: Int64) throws -> (parts: [[UInt8]], envelope: Envelope) {
        let bytes = try control.model(seed, version: 1).payload
        let manifest = BundleManifest(bundle: bytes, partSize: 1024)
        return (
            BundleManifest.split(bytes, manifest.partSize),
            control.key.sign(manifest.json(), kind: .manifest, scope: .all, version: version)
        )
    }

    private func take(_ parts: [[UInt8]], _ numbers: some Sequence<Int>) {
        for number in numbers { control.worker.take(part: parts[number], number, .all) }
    }

    @Test(arguments: [false, true]) func whatIsWholeGoesAheadAndTheUnfinishedOneGoesOn(restarts: Bool) throws {
        let (parts, unfinished) = try forAll(7, version: 3)
        control.send(unfinished)
        take(parts, [0])
        let own = try control.model(1, version: 1)
        control.send(own)
        #expect(control.state(.model) == .canary)
        take(parts, [1])
        if restarts { try control.restart() }
        control.judge(.model)
        #expect(try control.reports(.model).last { $0.status == "active" }?.active == ["node/gw-7": 1])
        control.worker.tendFetches(0)
        let report = try #require(try control.reports(.model).last)
        #expect(report.status == "received" && report.version == 3)
        #expect(report.progress == 2 / Double(parts.count), "none has to come twice")
        take(parts, parts.indices.dropFirst(2))
        #expect(control.state(.model) == .canary)
        control.judge(.model)
        #expect(try control.reports(.model).last?.active == ["node/gw-7": 1, "all": 3])
        #expect(control.worker.fetches.isEmpty && control.subscriptions.last?.filters.contains(filter) == false)
    }

    @Test func twoFetchesGoOnSideBySide() throws {
        let (parts, forAll) = try forAll(7, version: 3)
        control.send(manifest(1, version: 1).envelope)
        control.send(forAll)
        #expect(control.subscriptions.last?.filters.filter { $0.hasSuffix("+") }.count == 2)
        take(parts, parts.indices)
        #expect(control.state(.model) == .canary, "the complete one goes ahead")
        // Its trial is not another one's affair.
        control.send(manifest(2, version: 2).envelope)
        #expect(try control.reports(.model).contains { $0.status == "rejected" && $0.version == 1 })
        control.observe { $0.time = 100 * second }
        #expect(try control.reports(.model).last { $0.status == "active" }?.active == ["all": 3])
        #expect(control.worker.fetches.count == 1)
    }

    @Test func aFetchInVainSaysSo() throws {
        control.send(manifest(1, version: 1).envelope)
        control.worker.tendFetches(0)
        control.worker.tendFetches(15 * second)
        let report = try #require(try control.reports(.model).last)
        #expect(report.status == "received" && report.version == 1 && report.progress == 0)
        #expect(report.reason == "its parts do not come; they are asked for again")
    }

    @Test func aNewManifestAsksForItsPartsThoughTheFilterIsTheSame() {
        control.send(manifest(1, version: 1).envelope)
        #expect(control.subscriptions.last?.anew == filter)
        let count = control.subscriptions.count
        control.send(manifest(2, version: 2).envelope)
        #expect(control.subscriptions.count > count && control.subscriptions.last?.anew == filter)
    }

    @Test func aFetchThatStandsStillIsAskedForAnew() {
        control.send(manifest(1, version: 1).envelope)
        let count = control.subscriptions.count
        control.worker.tendFetches(0)
        control.worker.tendFetches(14 * second)
        #expect(control.subscriptions.count == count)
        control.worker.tendFetches(15 * second)
        #expect(control.subscriptions.count == count + 1 && control.subscriptions.last?.anew == filter)
        #expect(control.subscriptions.last?.filters.contains(filter) == true)
    }

    @Test func aFetchWhosePlaceWasTakenEnds() throws {
        control.send(manifest(1, version: 1).envelope)
        control.send(try control.model(2, version: 2))
        control.worker.tendFetches(0)
        #expect(control.worker.fetches.isEmpty && control.subscriptions.last?.filters.contains(filter) == false)
    }

    @Test func patienceGrowsUntilSomethingComes() {
        let (manifest, envelope) = manifest(1, version: 1)
        var fetch = PartsFetch(candidate: Candidate(header: envelope.header), manifest: manifest, present: [])
        let first = (0...200).filter { fetch.isStalled($0 * second) }
        #expect(first == [15, 45, 105])
        let parts = BundleManifest.split([UInt8](repeating: 1, count: 5000), 1024)
        let isTaken = fetch.takes(parts[0], number: 0)
        #expect(isTaken)
        let then = (201...240).filter { fetch.isStalled($0 * second) }
        #expect(then == [216])
    }
}
