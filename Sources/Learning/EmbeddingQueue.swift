package import SedgeCore

/// The newest rows of earlier batches, as negatives of a contrast (cross-batch memory; Wang et al., 2020).
///
/// They come from a network a few steps older; weights move slowly enough for that, and no second network is needed.
package struct EmbeddingQueue: Sendable, Equatable {
    package let capacity: Int
    package let dimensions: Int
    private var values: [Float] = []  // (rows, dimensions), oldest first

    package init(capacity: Int, dimensions: Int) {
        precondition(capacity >= 0 && dimensions > 0)
        self.capacity = capacity
        self.dimensions = dimensions
    }

    package var rows: Matrix {
        Matrix(rows: values.count / dimensions, columns: dimensions, values: values)
    }

    /// Takes rows (any, dimensions) in; the oldest leave.
    package mutating func append(_ new: Matrix) {
        precondition(new.columns == dimensions, "rows of \(new.columns) dimensions, expected \(dimensions)")
        values += new.values
        values.removeFirst(max(0, values.count - capacity * dimensions))
    }

    package func save(to writer: inout SnapshotWriter) { writer.write(values) }

    package mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let found = try reader.readFloats()
        guard found.count % dimensions == 0, found.count <= capacity * dimensions, found.allSatisfy(\.isFinite) else {
            throw .impossible("queue of \(found.count) values, expected at most \(capacity) rows of \(dimensions)")
        }
        values = found
    }
}
