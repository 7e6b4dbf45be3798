package dev.lathe.text.template;

import dev.lathe.text.template.TemplateException.Reason;

/** Makes the exceptions that are thrown inside of a rendering; their line is added where they leave it. */
final class Failures {
    private Failures() {}

    /** What Python or Jinja2 refuses too. */
    static TemplateException failed(String detail) {
        return new TemplateException(Reason.FAILED, detail, 0);
    }

    /** What Jinja2 would do and this interpreter does not. */
    static TemplateException unsupported(String detail) {
        return new TemplateException(Reason.UNSUPPORTED, detail + " is not supported", 0);
    }

    static TemplateException limit(String detail) {
        return new TemplateException(Reason.LIMIT, detail, 0);
    }
}
