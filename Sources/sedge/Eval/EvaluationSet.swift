import ArgumentParser

/// The data sets that can be evaluated.
enum EvaluationSet: String, CaseIterable, ExpressibleByArgument {
    case nab, skab, smap, asd, tep, har, ucr, tssb, ett, csv

    /// What its folder is usually called.
    var folder: String { self == .ucr ? "ucr_uea" : rawValue }
}
