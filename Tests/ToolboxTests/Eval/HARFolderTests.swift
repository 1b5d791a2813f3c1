import Evaluation
import SedgeCore
import Testing

@testable import sedge

/// People's windows as they are found on a disk.
@Suite struct HARFolderTests {
    private func folder(labels: [UInt8] = [0, 4], shape: [Int] = [2, 6, 4]) throws -> (BenchmarkFolder, HARFolder) {
        let folder = try BenchmarkFolder()
        try folder.write(
            "windows/s07_sp.npy", shape: shape, (0..<shape.reduce(1, *)).map { Float($0) })
        try folder.write("windows/s07_sp_gt.npy", labels: labels)
        return (folder, HARFolder(try DataFolder(folder.path, set: "har")))
    }

    @Test func anyPeopleThatAreThere() throws {
        let (kept, har) = try folder()
        let people = try har.people(suffix: "_sp")
        #expect(people.map(\.name) == ["s07"] && people[0].labels == [0, 4])
        #expect(people[0].windows[1][2] == [32, 33, 34, 35])
        #expect(try har.people(suffix: "_sw").isEmpty && !kept.path.isEmpty)
    }

    @Test func whatDoesNotFitIsNamed() throws {
        let (first, wrongClass) = try folder(labels: [0, 5])
        #expect(
            refusal { try wrongClass.people(suffix: "_sp") }.contains(
                "s07_sp_gt.npy: found the class 5.0 of window 1, expected 0 to 4"))
        let (second, wrongShape) = try folder(shape: [2, 3, 8])
        #expect(
            refusal { try wrongShape.people(suffix: "_sp") }.contains(
                "found shape [2, 3, 8], expected (windows, 6, samples)"))
        let (third, fewLabels) = try folder(labels: [0])
        #expect(refusal { try fewLabels.people(suffix: "_sp") }.contains("s07: found 1 labels for 2 windows"))
        #expect(Set([first, second, third].map(\.path)).count == 3)
    }
}
