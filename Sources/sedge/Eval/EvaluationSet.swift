import ArgumentParser

/// The data sets that can be evaluated.
enum EvaluationSet: String, CaseIterable, ExpressibleByArgument {
    case nab, skab, smap, asd, tep, har, person, ucr, tssb, ett, csv, alarms

    /// What its folder is usually called.
    var folder: String {
        switch self {
        case .ucr: "ucr_uea"
        case .person: "har"
        default: rawValue
        }
    }
}
