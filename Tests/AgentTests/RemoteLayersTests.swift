import Control
import Inference
import SedgeCore
import TestSupport
import Testing

@testable import Agent

/// What holds is laid over the file at every start, and that may be impossible one day.
struct RemoteLayersTests {
    private let control: ControlUnderTest
    private let folder = TemporaryFolder()

    init() throws { control = try ControlUnderTest() }

    /// What is told at every connection.
    private func standing() throws -> ReportedState {
        let worker = control.worker
        worker.publish(.configuration, worker.node.standing(.configuration, now: SystemTime.now()))
        return try #require(try control.reports(.configuration).last)
    }

    @Test func whatCanNotBeLaidOverTheFileIsNotCalledActive() throws {
        let path = folder.file("other.safetensors")
        let bundle = PipelineUnderTest.otherBundle.serialized()
        try TestFile.write(bundle, to: path)
        control.sendAndKeep(control.configuration(#"{"inference":{"bundle":"\#(path)"}}"#, version: 1))
        #expect(try standing().active == ["node/gw-7": 1])

        TestFile.remove(path)
        try control.restart()
        let without = try standing()
        #expect(without.status == "reverted" && without.version == 1 && without.active == [:], "\(without)")
        #expect(without.reason?.hasPrefix("it can not be laid over the file: ") == true, "\(without)")
        // Nothing was mended yet.
        control.worker.readFile()
        #expect(try standing().status == "reverted")

        try TestFile.write(bundle, to: path)
        control.worker.readFile()
        let back = try #require(try control.reports(.configuration).last)
        #expect(back.status == "active" && back.active == ["node/gw-7": 1] && back.reason == nil, "\(back)")
        #expect(!control.worker.layered.current.remote.isEmpty)
    }
}
