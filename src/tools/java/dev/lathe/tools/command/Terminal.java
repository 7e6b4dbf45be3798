package dev.lathe.tools.command;

import dev.lathe.figures.Table;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Standard error as people see it: progress bars and colours on a terminal only, aligned tables everywhere. */
public final class Terminal {
    private static final int BAR_WIDTH = 30;

    private final PrintStream out;
    private final boolean shown;
    private final boolean interactive;

    /**
     * A terminal.
     *
     * @param shown whether anything is to be shown at all
     */
    public Terminal(PrintStream out, boolean shown) {
        this.out = out;
        this.shown = shown;
        this.interactive = shown && System.console() != null && System.console().isTerminal();
    }

    /** Whether a person sees this on a terminal. */
    public boolean isInteractive() {
        return interactive;
    }

    /** A line, as {@link String#format} makes it. */
    public void line(String format, Object... values) {
        if (shown) {
            out.println(String.format(Locale.ROOT, format, values));
        }
    }

    /** Less important than the rest. */
    public void note(String format, Object... values) {
        line("%s", grey(String.format(Locale.ROOT, format, values)));
    }

    /** A text in grey where colours are wanted: on a terminal, unless {@code NO_COLOR} is set. */
    public String grey(String text) {
        String noColor = System.getenv("NO_COLOR");
        boolean colored = interactive && (noColor == null || noColor.isEmpty());
        return colored ? "\u001b[90m" + text + "\u001b[0m" : text;
    }

    /** Draws progress over the last bar; all done wipes it away. */
    public void progress(String what, long done, long total, String detail) {
        if (!interactive) {
            return;
        }
        int filled = (int) (BAR_WIDTH * done / total);
        out.print("\r\u001b[K");
        if (done < total) {
            out.printf(
                    Locale.ROOT,
                    "%s [%s%s] %d/%d %s",
                    what,
                    "=".repeat(filled),
                    " ".repeat(BAR_WIDTH - filled),
                    done,
                    total,
                    detail);
        }
        out.flush();
    }

    /** Rows under their headings; columns of numbers align to the right. */
    public static String table(List<String> headings, List<List<String>> rows) {
        return new Table(headings, rows).text();
    }
}
