import SedgeCore
import TestSupport
import Testing

@testable import sedge

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What stands at the path of an output file.
@Suite struct OutputFileTests {
    private let folder = TemporaryFolder()

    @Test func aPipeIsWrittenToAndStays() throws {
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try FileBytes.write(Array("abc".utf8), to: pipe)
        var buffer = [UInt8](repeating: 0, count: 8)
        let count = read(reader, &buffer, buffer.count)
        #expect(count == 3)
        #expect(Array(buffer.prefix(3)) == Array("abc".utf8))
        #expect(!FileBytes.exists(pipe + ".new"))
    }

    @Test func aLinkStaysAndItsTargetIsReplaced() throws {
        let (target, link) = (try folder.write("target", "old"), folder.file("link"))
        #expect(symlink(target, link) == 0)
        try FileBytes.write(Array("new".utf8), to: link)
        #expect(TestFile.text(target) == "new")
        var buffer = [CChar](repeating: 0, count: 16)
        let length = readlink(link, &buffer, buffer.count)
        #expect(length > 0)
    }

    @Test func aFolderIsRefusedBeforeAnythingIsWritten() throws {
        let path = folder.file("folder")
        #expect(mkdir(path, 0o700) == 0)
        let refused = Failure(.io, "cannot write \(path): Is a directory")
        #expect(throws: refused) { try FileBytes.write([1], to: path) }
        #expect(!FileBytes.exists(path + ".new"))
    }
}
