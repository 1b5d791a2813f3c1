import ArgumentParser

/// The data sets that can be evaluated.
enum EvaluationSet: String, CaseIterable, ExpressibleByArgument {
    case nab, skab, smap, asd, tep, csv
}
