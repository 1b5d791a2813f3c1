import Messaging
import SedgeCore
import TestSupport
import Testing

@testable import sedge

/// What the doctor says of everything but streams, from values alone.
@Suite struct DoctorFindingTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    private static func health(age: Double = 3, _ change: (inout Health) -> Void = { _ in }) -> Health {
        var health = Health(
            ts: now + Int64(-age * 1e6), uptime: 7200, rssBytes: 19_000_000, cpuPercent: 1.5, queueDepth: 0,
            droppedTotal: 0, decodeErrorsTotal: 0, lateTotal: 0, suppressedTotal: 0, insightsLostTotal: 0,
            flashBytesWrittenTotal: 0, messagesPerSecond: 31, messagesTotal: 9,
            streams: 3, kernel: "scalar", reconnectsTotal: 0, outboxPending: 0, model: "m@1#1",
            version: Version.current, bootID: "b")
        change(&health)
        return health
    }

    private static func agent(_ change: (inout AgentObservation) -> Void) -> [Finding] {
        var agent = AgentObservation(topic: "sedge/gw-7/availability", now: now, listened: 20, healthInterval: 10)
        agent.availability = "online"
        agent.lastHealth = health()
        agent.model = "m@1#1"
        change(&agent)
        return agent.findings
    }

    @Test func anAgentThatIsWellIsOneLine() {
        let findings = Self.agent { _ in }
        #expect(findings.map(\.level) == [.ok])
        #expect(findings[0].found.hasPrefix("online, version \(Version.current), up 2 h, 31.0 messages/s, 19.0 MB"))
        #expect(findings[0].found.hasSuffix("health 3.0 s old"))
    }

    @Test func anAgentThatDoesNotRunIsToBeStarted() {
        for findings in [Self.agent { $0.availability = nil }, Self.agent { $0.availability = "offline" }] {
            #expect(findings.map(\.level) == [.fail] && findings[0].code == .unavailable)
            #expect(findings[0].advice?.contains("systemctl start sedged") == true)
        }
    }

    @Test func anAgentThatRunsElsewhereIsNotToBeStarted() {
        let findings = Self.agent {
            $0.availability = nil
            $0.holder = LockHolder(process: 12, name: "sedged")
        }
        #expect(findings.map(\.level) == [.fail])
        #expect(findings[0].advice?.hasPrefix("sedged (process 12) runs: does it use this configuration") == true)
    }

    @Test func oldHealthIsAHangOnlyWhenThereWasTimeForNews() {
        #expect(Self.agent { $0.lastHealth = Self.health(age: 3600) }.map(\.level) == [.fail])
        let short = Self.agent {
            $0.lastHealth = Self.health(age: 3600)
            $0.listened = 5
        }
        #expect(short.map(\.level) == [.warn] && short[0].advice?.contains("--seconds 15") == true)
    }

    @Test func aRestartWhileListeningIsACrash() {
        let findings = Self.agent { $0.firstHealth = Self.health { $0.bootID = "a" } }
        #expect(findings.map(\.level) == [.fail] && findings[0].code == .software)
    }

    @Test(arguments: [
        ("dropped 7 messages, 2 of them while this listened", \Health.droppedTotal, Int64(7), Int64(5)),
        ("could not read 9 payloads:", \Health.decodeErrorsTotal, 9, 9),
    ])
    func lossesAreCounted(
        text: String, key: any WritableKeyPath<Health, Int64> & Sendable, last: Int64, first: Int64
    ) {
        let findings = Self.agent {
            $0.firstHealth = Self.health { $0[keyPath: key] = first }
            $0.lastHealth = Self.health { $0[keyPath: key] = last }
        }
        #expect(findings.map(\.level) == [.ok, .warn])
        #expect("\(findings[1].found):".hasPrefix(text), "\(findings[1].found)")
    }

    @Test func backlogAndReconnectsAreWarnings() {
        let findings = Self.agent {
            $0.lastHealth = Self.health {
                $0.outboxPending = 400
                $0.reconnectsTotal = 30
            }
        }
        #expect(findings.map(\.level) == [.ok, .warn, .warn])
        #expect(findings[1].found == "400 insights wait for delivery")
        #expect(findings[2].found == "lost its broker 30 times in 2 h")
    }

    @Test func whatRunsIsComparedWithWhatLiesOnTheDisk() {
        let findings = Self.agent {
            $0.lastHealth = Self.health {
                $0.model = "m@0#0"
                $0.version = "0.0.1"
            }
            $0.configuration = "file#1"
            $0.runningConfigurations = ["file#2"]
        }
        #expect(findings.map(\.level) == [.ok, .warn, .warn, .warn])
        #expect(findings[1].found == "it runs m@0#0, configured is m@1#1")
    }

    @Test func signedLayersAreNoDifference() {
        let findings = Self.agent {
            $0.lastHealth = Self.health { $0.model = "m@0#0" }
            $0.configuration = "file#1"
            $0.runningConfigurations = ["remote#2"]
        }
        #expect(findings.map(\.level) == [.ok])
    }

    @Test func nobodyKnowsWithoutABroker() {
        let findings = Self.agent { $0.listened = nil }
        #expect(findings.map(\.level) == [.warn] && findings[0].found.hasPrefix("it seems not to run"))
    }

    // MARK: Brokers

    private static func broker(_ outcome: BrokerObservation.Outcome, tls: Bool = false, isLocal: Bool = true)
        -> BrokerObservation
    {
        BrokerObservation(
            label: "b:1", purpose: "samples", isLocal: isLocal, usesTLS: tls, username: "gw-7", outcome: outcome)
    }

    @Test func aConnectionIsDescribed() {
        let fine = Self.broker(.connected(.v5, milliseconds: 12), tls: true, isLocal: false).findings
        #expect(fine == [.ok(.broker, "b:1", "samples: MQTT 5 in 12 ms, TLS, as gw-7")])
        let plain = Self.broker(.connected(.v5, milliseconds: 12), isLocal: false).findings
        #expect(plain.map(\.level) == [.warn] && plain[0].found.contains("password crosses the network"))
        #expect(Self.broker(.connected(.v311, milliseconds: 12)).findings.map(\.level) == [.ok])
    }

    @Test(arguments: [
        (MQTTEvent.refused(broker: "b:1", because: "wrong user name or password"), "mqtt.password_file"),
        (.failed(broker: "b:1", .unreachable("Connection refused")), "systemctl status mosquitto"),
        (.failed(broker: "b:1", .tls("certificate verify failed")), "mqtt.tls.ca"),
        (.failed(broker: "b:1", .lookup("no such name")), "mqtt.host"),
        (.failed(broker: "b:1", .closed("no word")), "mqtt.tls"),
        (.timedOut(broker: "b:1", after: .seconds(8)), "mqtt.port"),
    ])
    func everyFailureToConnectHasItsAdvice(event: MQTTEvent, advice: String) {
        let findings = Self.broker(.failed(event)).findings
        #expect(findings.map(\.level) == [.fail] && findings[0].code == .unavailable)
        #expect(findings[0].found == "\(event)" && findings[0].advice?.contains(advice) == true)
    }

    @Test func aMissingPasswordIsAnInputOutputFailure() {
        #expect(Self.broker(.missingFile("/p: No such file or directory")).findings.map(\.code) == [.io])
    }

    @Test func aRefusedSubscriptionFails() {
        var broker = Self.broker(.connected(.v5, milliseconds: 1))
        broker.problems = [.subscriptionRefused(filter: "plant/#", because: "not authorised")]
        broker.overflow = 3
        #expect(broker.findings.map(\.level) == [.ok, .fail, .warn])
    }

    // MARK: The machine

    private static func disk(_ change: (inout DiskObservation) -> Void) -> Finding {
        var disk = DiskObservation(folder: "/d")
        disk.freeBytes = 1_000_000_000
        disk.retentionMB = 256
        change(&disk)
        return disk.findings[0]
    }

    @Test func disksAreJudgedByWhatTheyMustHold() {
        #expect(Self.disk { _ in } == .ok(.disk, "/d", "writable, 1000.0 MB free"))
        let full = Self.disk { $0.freeBytes = 9_000_000 }
        #expect(full.level == .fail && full.code == .io)
        #expect(Self.disk { $0.freeBytes = 200_000_000 }.level == .warn)
        #expect(
            Self.disk {
                $0.freeBytes = 200_000_000
                $0.databaseBytes = 200_000_000
            }.level == .ok, "what the database holds already need not be free")
        #expect(Self.disk { $0.isReadOnlyFileSystem = true }.found == "the file system is read-only")
        #expect(Self.disk { $0.problem = "No such file or directory" }.code == .io)
        #expect(Self.disk { $0.freeEntries = 0 }.level == .fail)
    }

    @Test func aFolderOfTheAgentsUserIsNotAFailure() {
        #expect(Self.disk { $0.isWritable = false }.level == .fail)
        let other = Self.disk {
            $0.isWritable = false
            $0.isOwn = false
        }
        #expect(other.level == .warn && other.advice?.contains("sudo -u sedge") == true)
        #expect(
            Self.disk {
                $0.isWritable = false
                $0.isOwn = false
                $0.holder = LockHolder(process: 1, name: "sedged")
            }.level == .ok, "who has the database open can write")
    }

    @Test func databasesAreDescribed() {
        func finding(_ condition: DatabaseObservation.Condition) -> Finding {
            DatabaseObservation(path: "/d/s.db", bytes: 12_345_678, condition: condition).findings[0]
        }
        #expect(finding(.held(LockHolder(process: 7, name: "sedged"))).found == "in use by sedged (process 7), 12.3 MB")
        #expect(finding(.sound(schema: 1)).level == .ok && finding(.absent).level == .ok)
        #expect(finding(.interrupted).level == .warn)
        #expect(finding(.damaged("x")).code == .io && finding(.unusable("y")).code == .io)
    }

    @Test func clocksAreJudged() {
        let reset = ClockObservation(now: Timestamp(milliseconds: 5000), synchronisation: .synchronised).findings[0]
        #expect(reset.level == .fail && reset.found.contains("1970-01-01 00:00:05 UTC"))
        func level(_ synchronisation: ClockObservation.Synchronisation) -> Finding.Level {
            ClockObservation(now: Self.now, synchronisation: synchronisation).findings[0].level
        }
        #expect(level(.synchronised) == .ok && level(.unknown) == .ok && level(.unsynchronised) == .warn)
        #expect(UTCText.of(Timestamp(milliseconds: 1_709_251_199_000)) == "2024-02-29 23:59:59 UTC")
        #expect(UTCText.of(Timestamp(milliseconds: -1000)) == "1969-12-31 23:59:59 UTC")
    }

    @Test func bundlesAndKernelsAreJudged() {
        var bundle = BundleObservation(name: "sensor-base")
        bundle.available = ["neondot", "scalar"]
        bundle.kernel = "neondot"
        bundle.fingerprint = "m@1#1"
        #expect(bundle.findings.map(\.level) == [.ok, .ok])
        bundle.kernel = "scalar"
        #expect(bundle.findings.map(\.level) == [.ok, .warn])
        bundle.problem = .init(code: .data, text: "bundle tensor x: found 1, expected 2")
        bundle.kernelProblem = "kernel neon can not run here"
        #expect(bundle.findings.map(\.code) == [.data, .configuration])
    }

    @Test(arguments: [
        (0.42, "0.4 s"), (9.96, "10 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (-7200, "2 h"),
        (172_800, "2 days"), (1e300, "ages"), (.infinity, "ages"),
    ])
    func spansReadWell(seconds: Double, text: String) { #expect(spanText(seconds) == text) }
}
