import SedgeCore
import TestSupport
import Testing

@testable import sedge

/// The formats as they are found in the wild.
@Suite struct RecordedDataTests {
    private func read(_ name: String) throws -> Recording {
        try RecordingFile.read(try #require(TestData.path(name)), selection: ColumnSelection())
    }

    @Test(.enabled(if: TestData.has("skab"), "\(TestData.note)"))
    func readsAPumpTestbed() throws {
        let recording = try read("skab/data/valve1/1.csv")
        #expect(recording.channels.count == 8 && recording.channels[7] == "Volume Flow RateRMS")
        #expect(recording.labels == ["anomaly", "changepoint"])
        #expect(recording.rowCount == 1145)
        #expect(recording.times?.first == Timestamp(milliseconds: 1_583_750_073_000))
        #expect(recording.columns[0][0] == 0.0270797)
        #expect(recording.labelColumns[0].contains("1.0"))
    }

    @Test(.enabled(if: TestData.has("nab"), "\(TestData.note)"))
    func readsAMachinesTemperature() throws {
        let recording = try read("nab/data/realKnownCause/machine_temperature_system_failure.csv")
        #expect(recording.channels == ["value"] && recording.rowCount == 22_695 && recording.labels.isEmpty)
        #expect(recording.columns[0][0] == 73.96732207)
    }

    @Test(.enabled(if: TestData.has("asd"), "\(TestData.note)"))
    func readsServersMetrics() throws {
        let recording = try read("asd/omi-1_test.npy")
        #expect(recording.channels.count == 19 && recording.rowCount == 4320 && recording.times == nil)
        #expect(try read("asd/omi-1_test_label.npy").columns[0].allSatisfy { $0 == 0 || $0 == 1 })
    }
}
