/// All that an evaluation of one set says.
package struct EvaluationReport: Sendable {
    package var set: String
    package var title: String
    /// What was measured with what, in the order of display.
    package var facts: [(name: String, value: String)]
    /// The first is the summary.
    package var tables: [ResultTable]
    /// Series to look at.
    package var panels: [SeriesPanel] = []

    package init(
        set: String, title: String, facts: [(name: String, value: String)] = [], tables: [ResultTable],
        panels: [SeriesPanel] = []
    ) {
        self.set = set
        self.title = title
        self.facts = facts
        self.tables = tables
        self.panels = panels
    }
}
