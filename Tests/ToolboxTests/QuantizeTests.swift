import ArgumentParser
import SedgeCore
import Testing

@testable import sedge

struct QuantizeTests {
    private static let rest = ["--out", "a.safetensors", "--data-licence", "CC0-1.0"]

    @Test(arguments: [
        (["--fine-tune", "-1"], "--fine-tune"),
        (["--max-loss", "1.5"], "--max-loss is 1.5, expected 0 to 1"),
        (["--percentile", "50"], "--percentile is 50.0, expected more than 50 and at most 100"),
        (["--threads", "0"], "--threads is 0, expected 1 to 256"),
        (["--calibrate", "generated", "--calibrate", "a.csv"], "--calibrate generated stands alone"),
        (["--name", "a b"], "bundle is called 'a b' '1.0.0', expected 1 to 64 of A-Z a-z 0-9 . _ - in each"),
    ])
    func refusesWhatCanNotBe(_ options: [String], _ message: String) {
        let error = #expect(throws: (any Error).self) {
            try Sedge.parseAsRoot(["quantize", "float.safetensors"] + Self.rest + options)
        }
        #expect(error.map { Sedge.message(for: $0) }?.contains(message) == true)
    }

    @Test func aBundleNamesALicence() {
        let error = #expect(throws: (any Error).self) {
            try Sedge.parseAsRoot(["quantize", "float.safetensors", "--out", "a.safetensors", "--data-licence", ""])
        }
        #expect(error.map { Sedge.message(for: $0) }?.hasPrefix("--data-licence is empty") == true)
    }

    @Test func whatIsNeitherCheckpointNorEncoderIsBadData() throws {
        let path = temporaryPath("quantize.bin")
        for bytes in [[], Array("a,b\n1,2\n".utf8), [UInt8](repeating: 0xFF, count: 4096)] as [[UInt8]] {
            try FileBytes.write(bytes, to: path)
            let failure = #expect(throws: Failure.self) { _ = try FloatSource.read(path) }
            #expect(failure?.code == .data)
            #expect(failure?.description.contains("neither a checkpoint") == true)
        }
    }
}
