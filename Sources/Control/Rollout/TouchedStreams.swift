package import SedgeCore

/// Which streams a change touches: what becomes of the others while it is tried is not its doing.
package struct TouchedStreams: Hashable, Sendable {
    package enum Extent: Hashable, Sendable {
        case all
        case these(Set<StreamID>)

        package func contains(_ stream: StreamID) -> Bool {
            switch self {
            case .all: true
            case .these(let streams): streams.contains(stream)
            }
        }
    }

    /// Read, encoded or judged in another way.
    package var altered: Extent
    /// From another topic or broker: nothing else that a change does can silence one stream and not the others.
    package var moved: Extent

    package init(altered: Extent, moved: Extent) {
        self.altered = altered
        self.moved = moved
    }

    package static let none = TouchedStreams(altered: .these([]), moved: .these([]))
    package static let all = TouchedStreams(altered: .all, moved: .all)

    package func contains(_ stream: StreamID) -> Bool { altered.contains(stream) || moved.contains(stream) }
}
