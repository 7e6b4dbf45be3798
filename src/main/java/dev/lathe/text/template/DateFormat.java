package dev.lathe.text.template;

import java.time.LocalDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;

/** {@code strftime} of the present time in the C locale; every directive of POSIX and Python's {@code %f}. */
final class DateFormat {
    private static final String[] DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    private static final String[] MONTHS = {
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December"
    };

    private DateFormat() {}

    static MarkedText now(Rendering rendering, String format) {
        LocalDateTime time = LocalDateTime.now(rendering.clock);
        Buffer result = new Buffer(rendering);
        for (int i = 0; i < format.length(); i++) {
            char character = format.charAt(i);
            if (character != '%' || i + 1 == format.length()) {
                result.append(character, true);
                continue;
            }
            char directive = format.charAt(++i);
            boolean unpadded = directive == '-' && i + 1 < format.length();
            if (unpadded) {
                directive = format.charAt(++i);
            }
            String text = directive(time, directive);
            result.append(unpadded ? withoutPadding(text) : text, true);
        }
        return result.toText();
    }

    private static String withoutPadding(String number) {
        int start = 0;
        while (start < number.length() - 1 && (number.charAt(start) == '0' || number.charAt(start) == ' ')) {
            start++;
        }
        return number.substring(start);
    }

    private static String directive(LocalDateTime time, char directive) {
        String day = DAYS[time.getDayOfWeek().getValue() - 1];
        String month = MONTHS[time.getMonthValue() - 1];
        int dayOfYear = time.getDayOfYear();
        int weekday = time.getDayOfWeek().getValue();
        return switch (directive) {
            case 'a' -> day.substring(0, 3);
            case 'A' -> day;
            case 'b', 'h' -> month.substring(0, 3);
            case 'B' -> month;
            case 'c' -> all(time, 'a', ' ', 'b', ' ', 'e', ' ', 'T', ' ', 'Y');
            case 'C' -> padded(time.getYear() / 100, 2, '0');
            case 'd' -> padded(time.getDayOfMonth(), 2, '0');
            case 'D', 'x' -> all(time, 'm', '/', 'd', '/', 'y');
            case 'e' -> padded(time.getDayOfMonth(), 2, ' ');
            case 'f' -> padded(time.getNano() / 1000, 6, '0');
            case 'F' -> all(time, 'Y', '-', 'm', '-', 'd');
            case 'g' -> padded(time.get(IsoFields.WEEK_BASED_YEAR) % 100, 2, '0');
            case 'G' -> padded(time.get(IsoFields.WEEK_BASED_YEAR), 4, '0');
            case 'H' -> padded(time.getHour(), 2, '0');
            case 'I' -> padded(time.get(ChronoField.CLOCK_HOUR_OF_AMPM), 2, '0');
            case 'j' -> padded(dayOfYear, 3, '0');
            case 'k' -> padded(time.getHour(), 2, ' ');
            case 'l' -> padded(time.get(ChronoField.CLOCK_HOUR_OF_AMPM), 2, ' ');
            case 'm' -> padded(time.getMonthValue(), 2, '0');
            case 'M' -> padded(time.getMinute(), 2, '0');
            case 'n' -> "\n";
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'r' -> all(time, 'I', ':', 'M', ':', 'S', ' ', 'p');
            case 'R' -> all(time, 'H', ':', 'M');
            case 'S' -> padded(time.getSecond(), 2, '0');
            case 't' -> "\t";
            case 'T', 'X' -> all(time, 'H', ':', 'M', ':', 'S');
            case 'u' -> padded(weekday, 1, '0');
            case 'U' -> padded((dayOfYear + 6 - weekday % 7) / 7, 2, '0');
            case 'V' -> padded(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, '0');
            case 'w' -> padded(weekday % 7, 1, '0');
            case 'W' -> padded((dayOfYear + 6 - (weekday + 6) % 7) / 7, 2, '0');
            case 'y' -> padded(time.getYear() % 100, 2, '0');
            case 'Y' -> padded(time.getYear(), 1, '0');
            case 'z', 'Z' -> "";
            case '%' -> "%";
            default -> throw Failures.unsupported("strftime directive '%" + directive + "'");
        };
    }

    /** Letters as directives, anything else as it is. */
    private static String all(LocalDateTime time, char... parts) {
        StringBuilder text = new StringBuilder();
        for (char part : parts) {
            text.append(Character.isLetter(part) ? directive(time, part) : Character.toString(part));
        }
        return text.toString();
    }

    private static String padded(int number, int width, char padding) {
        String digits = Integer.toString(number);
        return Character.toString(padding)
                .repeat(Math.max(0, width - digits.length()))
                .concat(digits);
    }
}
