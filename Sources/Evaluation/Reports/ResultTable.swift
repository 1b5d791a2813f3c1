/// Figures of several methods, as a report prints them.
package struct ResultTable: Sendable, Equatable {
    package struct Column: Sendable, Equatable {
        package var name: String
        package var decimals: Int

        package init(_ name: String, decimals: Int = 3) {
            self.name = name
            self.decimals = decimals
        }
    }

    package enum Kind: String, Sendable, Encodable {
        /// What is being evaluated.
        case agent
        /// Computed in the same run: random weights, contentless alarms.
        case control
        /// Computed in the same run.
        case baseline
        /// Taken from a publication.
        case published
    }

    package struct Row: Sendable, Equatable, Encodable {
        package var name: String
        package var kind: Kind
        /// nil where the figure does not exist, or is none.
        package var values: [Double?]
        package var note = ""

        private enum CodingKeys: String, CodingKey {
            case name = "method"
            case kind, values, note
        }

        package init(_ name: String, _ kind: Kind, _ values: [Double?], note: String = "") {
            self.name = name
            self.kind = kind
            self.values = values.map { $0.flatMap { $0.isFinite ? $0 : nil } }
            self.note = note
        }
    }

    package var title: String
    /// A line a series rather than a method: too long for a summary.
    package var isDetail = false
    package var columns: [Column]
    package var rows: [Row]
    /// How to read it: protocol, and what was chosen on labels.
    package var notes: [String]

    package init(title: String, columns: [Column], rows: [Row] = [], notes: [String] = []) {
        self.title = title
        self.columns = columns
        self.rows = rows
        self.notes = notes
    }

    /// A cell as text; `–` where there is no figure.
    package func text(of value: Double?, in column: Int) -> String {
        value.map { FixedText.text($0, decimals: columns[column].decimals) } ?? "–"
    }
}
