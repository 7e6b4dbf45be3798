package dev.lathe.text.template;

/** The filters after {@code |}, by name. */
final class Filters {
    private Filters() {}

    /** The filter of this name, or null. A new one is a line here. */
    static Operation named(String name) {
        return switch (name) {
            case "abs" -> NumberFilters::abs;
            case "attr" -> SequenceFilters::attr;
            case "batch" -> SequenceFilters::batch;
            case "capitalize" -> TextFilters::capitalize;
            case "center" -> TextFilters::center;
            case "default", "d" -> SequenceFilters::otherwise;
            case "dictsort" -> OrderFilters::dictSort;
            case "escape", "e" -> TextFilters::escape;
            case "first" -> SequenceFilters::first;
            case "float" -> NumberFilters::real;
            case "forceescape" -> TextFilters::forceEscape;
            case "format" -> TextFilters::format;
            case "groupby" -> OrderFilters::groupBy;
            case "indent" -> TextFilters::indent;
            case "int" -> NumberFilters::integer;
            case "items" -> SequenceFilters::items;
            case "join" -> TextFilters::join;
            case "last" -> SequenceFilters::last;
            case "length", "count" -> SequenceFilters::length;
            case "list" -> SequenceFilters::list;
            case "lower" -> TextFilters::lower;
            case "map" -> SelectFilters::map;
            case "max" -> OrderFilters::max;
            case "min" -> OrderFilters::min;
            case "reject" -> SelectFilters::reject;
            case "rejectattr" -> SelectFilters::rejectAttribute;
            case "replace" -> TextFilters::replace;
            case "reverse" -> SequenceFilters::reverse;
            case "round" -> NumberFilters::round;
            case "safe" -> TextFilters::safe;
            case "select" -> SelectFilters::select;
            case "selectattr" -> SelectFilters::selectAttribute;
            case "slice" -> SequenceFilters::slice;
            case "sort" -> OrderFilters::sort;
            case "string" -> TextFilters::string;
            case "sum" -> NumberFilters::sum;
            case "title" -> TextFilters::title;
            case "tojson" -> Json::filter;
            case "trim" -> TextFilters::trim;
            case "truncate" -> TextFilters::truncate;
            case "unique" -> OrderFilters::unique;
            case "upper" -> TextFilters::upper;
            case "wordcount" -> TextFilters::wordCount;
            default -> null;
        };
    }

    /** Whether Jinja2 has a filter of this name that is not implemented here. */
    static boolean isMissing(String name) {
        return switch (name) {
            case "filesizeformat", "pprint", "random", "striptags", "urlencode", "urlize", "wordwrap", "xmlattr" ->
                true;
            default -> false;
        };
    }
}
