# What people read at a screen. $what is "badge" or "card".

kiosk = Print release
language = Language

idle-title = Hold your { $what ->
    [card] card
   *[badge] badge
} to the reader
idle-hint = Your print jobs appear here.
idle-unknown = This { $what ->
    [card] card
   *[badge] badge
} is new here. Please ask for it to be added.
idle-not-now = The print service does not answer right now. Please try again in a minute.
idle-pick = Which screen is this?
idle-offline = No connection to the print service. Trying again…

secret-title = Connect this screen
secret-hint = Type what is in the file that kiosk.secret_file names. This is asked for once.
secret-label = Kiosk secret
secret-wrong = That is not the kiosk secret. Try again.
secret-wait = Too many wrong tries. Wait a minute.
secret-connect = Connect

hello = Hello { $name }
hello-nobody = Hello
done = Done
back = Back
print = Print
print-elsewhere = Other printer
change = Change
change-of = Change { $title }
remove = Remove
list-title = Your print jobs
list-empty = No print job is waiting for you.
list-empty-hint = A job that you just sent can take a moment. This list looks again by itself.
list-asking = Looking for new jobs…
list-as-of = Universal Print does not answer. This is the list as of { $time }.
list-as-of-never = Universal Print does not answer. Jobs may be missing here.
list-progress = Being printed
list-ended = Ended in the last 24 hours: { $count }
where-title = Where should it be printed?
untitled = Print job { $number }

stage-arriving = Arriving
stage-waiting = Waiting
stage-barred = Can not be printed now
stage-sending = On its way to { $printer }
stage-checking = Checking with { $printer }
stage-printing = Printing at { $printer }
stage-printing-sheets = { $count ->
    [one] Printing at { $printer }: one sheet so far
   *[other] Printing at { $printer }: { $count } sheets so far
}
ended-completed = Printed
ended-canceled = Canceled
ended-redirected = Sent to another printer
ended-withdrawn = Removed in Universal Print
ended-refused = Refused
ended-failed = Failed
ended-removed = Removed

may-have-printed = May already be printed
may-have-printed-hint = Paper of this job may already be out. Look at the printer first. If nothing is there, print it again here.
may-have-printed-again = I looked: print it again

copies = Copies
fewer = Fewer
more = More
color = Color
color-color = Color
color-gray = Gray
sides = Sides
sides-one = One side
sides-both = Both sides
pages = Pages
pages-all = All
pages-from = From
pages-to = To
pages-some = Only these
as-sent = As sent
said-copies = { $count ->
    [one] One copy
   *[other] { $count } copies
}

remove-title = Remove this job?
remove-hint = It will not be printed. This can not be undone.
remove-yes = Remove it

session-title = Are you still there?
session-hint = Your list will be hidden in a few seconds.
session-stay = I am still here

printer-ready = Ready
printer-busy = Printing
printer-paper = Out of paper
printer-jam = Paper jam
printer-toner = Out of ink or toner
printer-door = A door is open
printer-full = The output tray is full
printer-paused = Paused
printer-help = Needs help
printer-unreachable = Does not answer
printer-unknown = Not known
printer-neighbor = { $printer } is ready.

notice-released = Sent to { $printer }.
notice-removed = The job is removed.
notice-changed = Something changed meanwhile. Look at the list again, then print.
notice-may-have-printed = Paper of this job may already be out. Open the job to print it again.
notice-not-waiting = That job is not waiting any more.
notice-barred = That job can not be printed now.
notice-must-stay-gray = A job that was sent in gray stays gray here.
notice-no-such-printer = That printer is not set up here.
notice-not-now = That did not work just now. Please try again.
notice-nothing = Choose a job first.
notice-over = Your session is over. Show your { $what ->
    [card] card
   *[badge] badge
} again.

reason-cloud-unreachable = Universal Print does not answer. We keep asking.
reason-cloud-refused = Universal Print refused our question. We keep asking.
reason-not-paused = Universal Print says that the job is not waiting. We ask again.
reason-configuration-refused = Universal Print refused the changed settings. Try other settings.
reason-printer-unreachable = The printer did not answer. Try another printer.
reason-printer-busy = The printer was too busy. Try again, or another printer.
reason-printer-refused = The printer refused the job. Try another printer.
reason-printer-blocked = The printer could not print. Try another printer.
reason-printer-distrusted = The printer could not prove that it is the right one. Try another printer.
reason-printer-login = The printer did not let us in. Try another printer.
reason-printer-waking = The printer is waking up.
reason-waits-at-panel = Somebody is needed at the printer’s own panel.
reason-printer-aborted = The printer gave up, and nothing came out. Print it again.
reason-printer-trouble = The printer needs help. Look at its display.
reason-cannot-do = This printer can not print it as asked. Change the settings, or try another printer.
reason-format-not-taken = This printer can not print this kind of document. Try another printer.
reason-document-late = The document is not here yet. Try again in a minute.
reason-no-such-printer = That printer is not set up here any more.
reason-source-printer-has-device = This queue is not set up for release. Please tell your administrator.
reason-other-daemon = Another print release serves this queue. Please tell your administrator.
reason-release-timed-out = It took too long. Print it again.
reason-report-refused = It is printed. Universal Print has not taken note of it yet.
reason-unconfirmed = The printer did not say whether it printed everything.
reason-redirect-refused = Universal Print did not move the job to that printer.
reason-failed-elsewhere = The other printer did not print it.
reason-parts-missing = Parts of the document are missing on paper, or look different.
reason-expires-soon = It is removed soon. Print it now.

abort-hold-expired = Nobody printed it in time. Send it again.
abort-format-refused = This queue does not print this kind of document.
abort-format-not-taken = No printer here can print this kind of document. Send it as PDF.
abort-empty-document = The document was empty. Send it again.
abort-size-mismatch = The document arrived damaged. Send it again.
abort-conversion-failed = The document could not be prepared for the printer. Send it as PDF.
abort-too-large = The document is too large for this queue.
abort-by-administrator = An administrator ended it: { $words }
abort-released = Printed.
abort-canceled-at-printer = It was canceled at the printer.
abort-removed-by-owner = You removed it.

sign-in = Sign in without a badge
sign-in-hint = Type your work e-mail address and your PIN.
sign-in-user = Work e-mail address
sign-in-wrong = E-mail address and PIN do not match.
pin = PIN
pin-title = Type your PIN
pin-hint = Then your print jobs appear.
pin-wrong = That is not your PIN. Try again.
wrong-too-often = Too many wrong tries. Wait a minute.
erase = Erase
enter = OK
register = Register it
register-title = Activation code
register-hint = Type the code that you were given for your new { $what ->
    [card] card
   *[badge] badge
}.
register-code = Activation code
register-wrong = That is not a code that can be used. Try again.
register-again = Hold it to the reader once more
register-again-hint = Then it is yours.
register-changing = That was another { $what ->
    [card] card
   *[badge] badge
}, or one that changes its number each time. Such a one can not be used here.

slip-title = This { $what ->
    [card] card
   *[badge] badge
} is new here
slip-hint = Take this slip to whoever looks after printing here, and tell them this code. They will register the { $what ->
    [card] card
   *[badge] badge
} for you; after that it releases your print jobs. The code is valid for seven days.

collect-list = Print jobs of { $name }
collect-for = Collect for others
collect-of = Collect for { $name }
collect-empty = Nothing is waiting to be collected.
notice-owners-alone = Only the person who sent the job can do that.
