package dev.lathe.decode.constraint;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** What a schema says of a number's size; bounds beyond the numbers that are written change nothing. */
final class JsonBounds {
    private static final BigDecimal LARGEST = BigDecimal.valueOf(JsonNumbers.LARGEST);

    private final JsonSchema schema;
    private final boolean bounded;
    private BigDecimal least = LARGEST.negate();
    private BigDecimal most = LARGEST;
    private boolean withoutLeast;
    private boolean withoutMost;
    private String leastKeyword = "minimum";
    private String mostKeyword = "maximum";

    private JsonBounds(JsonSchema schema) {
        this.schema = schema;
        lower("minimum", false);
        lower("exclusiveMinimum", true);
        upper("maximum", false);
        upper("exclusiveMaximum", true);
        bounded = schema.has("minimum")
                || schema.has("maximum")
                || schema.has("exclusiveMinimum")
                || schema.has("exclusiveMaximum");
    }

    static JsonBounds of(JsonSchema schema) {
        return new JsonBounds(schema);
    }

    private void lower(String keyword, boolean excluded) {
        if (schema.has(keyword)) {
            BigDecimal bound = schema.number(keyword);
            if (bound.compareTo(least) > 0 || bound.compareTo(least) == 0 && excluded) {
                least = bound;
                withoutLeast = excluded;
                leastKeyword = keyword;
            }
        }
    }

    private void upper(String keyword, boolean excluded) {
        if (schema.has(keyword)) {
            BigDecimal bound = schema.number(keyword);
            if (bound.compareTo(most) < 0 || bound.compareTo(most) == 0 && excluded) {
                most = bound;
                withoutMost = excluded;
                mostKeyword = keyword;
            }
        }
    }

    private boolean isEmpty() {
        return least.compareTo(LARGEST) > 0 || most.compareTo(LARGEST.negate()) < 0 || least.compareTo(most) > 0;
    }

    Expression integers() {
        if (isEmpty()) {
            return Expression.NOTHING;
        }
        long from = least.setScale(0, RoundingMode.CEILING).longValueExact();
        long to = most.setScale(0, RoundingMode.FLOOR).longValueExact();
        from += withoutLeast && BigDecimal.valueOf(from).compareTo(least) == 0 ? 1 : 0;
        to -= withoutMost && BigDecimal.valueOf(to).compareTo(most) == 0 ? 1 : 0;
        return from > to ? Expression.NOTHING : JsonNumbers.integers(from, to);
    }

    Expression numbers() {
        if (!bounded) {
            return JsonNumbers.number();
        }
        if (isEmpty()) {
            return Expression.NOTHING;
        }
        return JsonNumbers.numbers(integer(least, leastKeyword), withoutLeast, integer(most, mostKeyword), withoutMost);
    }

    private long integer(BigDecimal bound, String keyword) {
        if (bound.stripTrailingZeros().scale() > 0) {
            throw schema.failure(keyword, "of a number, only integer bounds are supported");
        }
        return bound.longValueExact();
    }
}
