import Control
import SedgeCore
import Testing

@testable import Agent

/// What the agent sees of itself decides about a change.
struct RemoteCanaryTests {
    private let control: ControlUnderTest
    private let second: Int64 = 1_000_000_000

    init() throws { control = try ControlUnderTest() }

    @Test func aSelfTestThatGivesOtherBytesTakesAModelBack() throws {
        let good = try control.model(1, version: 1)
        control.sendAndKeep(good)
        control.send(try control.model(2, version: 2))
        control.observe { $0.time = second }
        #expect(control.state(.model) == .canary)
        control.observe { ($0.time, $0.passesSelfTest) = (2 * second, false) }
        let report = try #require(try control.reports(.model).last)
        #expect(report.status == "reverted" && report.version == 2)
        #expect(report.reason == "the encoder's self-test does not give its bytes")
        #expect(control.worker.layered.current.bundle == good.header.digest)
    }

    @Test func theLastGoodThatCanNotBePutBackAtOnceIsPutBackLater() throws {
        control.send(control.configuration(version: 1))
        control.refuseAll(true)
        control.judge(.configuration, problem: "it does harm")
        let report = try #require(try control.reports(.configuration).last)
        #expect(
            report.status == "reverted" && report.reason?.hasPrefix("it does harm; the last good could not") == true)
        #expect(!control.worker.layered.current.remote.isEmpty)
        control.refuseAll(false)
        let now = SystemTime.monotonicNanoseconds()
        control.worker.revertLate(now)
        #expect(!control.worker.layered.current.remote.isEmpty, "not four times a second")
        control.worker.revertLate(now + 11 * second)
        #expect(control.worker.layered.current.remote.isEmpty)
        #expect(try control.reports(.configuration).last?.reason == "it does harm")
    }

    @Test func whatCameInItsPlaceIsNotToldOfAsReverted() throws {
        control.send(control.configuration(version: 1))
        control.refuseAll(true)
        control.judge(.configuration, problem: "it does harm")
        control.refuseAll(false)
        control.sendAndKeep(control.configuration(#"{"adaptation":{"alarms_per_week":3}}"#, version: 2))
        control.worker.revertLate(SystemTime.monotonicNanoseconds() + 11 * second)
        let report = try #require(try control.reports(.configuration).last)
        #expect(report.status == "active" && report.version == 2, "\(report)")
        #expect(!control.worker.layered.current.remote.isEmpty)
    }

    @Test func limitsAreThoseOfTheConfigurationBefore() throws {
        control.sendAndKeep(
            control.configuration(#"{"control":{"canary_seconds":3,"canary_memory_mb":8}}"#, version: 1))
        let loose = #"{"control":{"canary_seconds":1,"canary_memory_mb":500}}"#
        control.send(control.configuration(loose, version: 2))
        control.observe { $0.time = 2 * second }
        #expect(control.state(.configuration) == .canary, "what is tried out does not shorten its own trial")
        control.observe { $0.residentBytes = 9_000_000 }
        #expect(try control.reports(.configuration).last?.reason == "memory grew by 9 MB")
        control.send(control.configuration(loose, version: 3))
        control.observe { $0.time = 6 * second }
        #expect(try control.reports(.configuration).last?.status == "active")
        control.send(control.configuration(version: 4))
        control.observe { ($0.time, $0.residentBytes) = (8 * second, 300_000_000) }
        #expect(try control.reports(.configuration).last?.status == "active", "and holds for the next one")
    }
}
