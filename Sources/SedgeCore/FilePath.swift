/// What the text of a path says, whatever lies there.
package enum FilePath {
    /// The folder of what a path names: `.` for a bare name, `/` for what lies in the root.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
