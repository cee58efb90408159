"""Every error this program raises on purpose, in one tree.

    VtjError
    ├── PermanentError              the same call would fail again: a person must change something
    │   ├── SettingsError           a setting is missing or wrong
    │   ├── SourceError
    │   │   ├── SourceRefused       the source answered 4xx: credentials, permit, request
    │   │   ├── CursorExpired       the source no longer keeps the changes asked for
    │   │   ├── OtherJournal        the source reads from another journal than before
    │   │   ├── UnreadableAnswer    the source answered with something that is not the agreed JSON
    │   │   └── DayNotOver          changes of a day that has not ended were asked for
    │   ├── LandingError
    │   │   ├── LandingDamaged      a landed file is missing or differs from the ledger
    │   │   ├── DataKeyMissing      a file is encrypted with a key that is not at hand
    │   │   ├── StoreRefused        the object store does not let us: credentials, bucket, region
    │   │   └── LegacyFileError     a file of the retired Muutostietopalvelu cannot be taken
    │   ├── DatabaseTooNew          a newer version of the program has upgraded the database
    │   ├── EventsError             landed pages could not be turned into events
    │   ├── DatabaseNotTrusted      PostgreSQL cannot show that it is the server that is meant
    │   ├── DatabaseRefused         the user may not do in PostgreSQL what was asked
    │   ├── RoleRefused             a role cannot be given or taken as asked
    │   ├── ErasureRefused          persons cannot be erased as asked
    │   ├── ErasureNotWhole         an erasure has left a trace
    │   ├── RegisterError           the register cannot be published as asked
    │   │   ├── OtherPersonKey      its person_ids were made with another key
    │   │   ├── PublicationRefused  it would take too many persons away, or bring the wrong ones
    │   │   └── RegisterDiffers     it is not what landing makes
    │   ├── ViewsError              dbt could not build or test the views
    │   ├── NotExpected             an error of others, without its words
    │   └── SandboxError            the bundled stand-in for the source was asked for the impossible
    └── TransientError              the same call may succeed later
        ├── SourceUnavailable       no answer, 429 or 5xx until the retries were used up
        ├── BudgetExhausted         the run's allowance of calls or seconds is spent
        ├── StoreUnavailable        no usable answer of the object store, tries used up
        ├── DatabaseUnavailable     PostgreSQL does not answer
        ├── UpgradeBlocked          somebody uses a table that is to be upgraded
        ├── RegisterBusy            another run is writing the register
        ├── ClusterUnavailable      the cluster that was to fold does not answer, or lost its tasks
        └── AlarmNotSent            a mail server or webhook did not take an alarm

Messages say what was asked, what came and what to do. They never hold a personal identity code,
a name, an address or a secret. Keep behaviour out of here: an error carries a message, no logic.
"""


class VtjError(Exception):
    """The root of every error that this program raises on purpose."""


class PermanentError(VtjError):
    """Trying again will not help until a person changes something."""


class TransientError(VtjError):
    """The same call may succeed later."""


class SettingsError(PermanentError):
    """A setting is missing or wrong; the message names the variable, never its value."""


class SourceError(PermanentError):
    """The source interface was reached and the answer cannot be used.

    Attributes:
        status: The answer's HTTP status, where one call is at fault.
    """

    status: int | None = None


class SourceRefused(SourceError):
    """The source answered 4xx."""


class CursorExpired(SourceError):
    """The changes after the cursor are older than the source keeps."""


class OtherJournal(SourceError):
    """The source reads from another journal than the one that was landed so far."""


class UnreadableAnswer(SourceError):
    """The answer is not JSON of the agreed shape."""


class DayNotOver(SourceError):
    """The changes of a day that has not ended yet in Finland were asked for."""


class LandingError(PermanentError):
    """The landing area cannot be used as asked."""


class LandingDamaged(LandingError):
    """A landed file is missing, or its content differs from what the ledger recorded."""


class DataKeyMissing(LandingError):
    """A local file is encrypted with a key that is not at hand; the message has the key's id."""


class StoreRefused(LandingError):
    """The object store refuses: credentials, rights, bucket or region are not the right ones."""


class LegacyFileError(LandingError):
    """A file of the retired Muutostietopalvelu cannot be taken; the message names file and line."""


class DatabaseTooNew(PermanentError):
    """A newer version of the program has upgraded the database."""


class EventsError(PermanentError):
    """Landed pages could not be turned into events."""


class RegisterError(PermanentError):
    """The register cannot be published as asked."""


class DatabaseRefused(PermanentError):
    """PostgreSQL was asked for something that the user has no right to."""


class DatabaseNotTrusted(PermanentError):
    """The server does not encrypt, or its certificate is not the one that was to be shown."""


class RoleRefused(PermanentError):
    """A role cannot be given or taken as asked; logins are named, persons are not."""


class ErasureRefused(PermanentError):
    """Persons cannot be erased as asked; nobody was."""


class ErasureNotWhole(PermanentError):
    """Traces of erased persons are left; the message names places, never persons."""


class OtherPersonKey(RegisterError):
    """The key at hand is not the one that the register's person_ids were made with."""


class PublicationRefused(RegisterError):
    """A publication would take too many persons away, or brings persons of another product."""


class RegisterDiffers(RegisterError):
    """The register that stands is not the one that landing makes."""


class ViewsError(PermanentError):
    """The views could not be built, or one of their tests failed."""


class NotExpected(PermanentError):
    """An error of others, with its class and where it was raised, and without its words."""


class SandboxError(PermanentError):
    """The sandbox was asked for something it cannot do."""


class SourceUnavailable(TransientError):
    """The source gave no usable answer until the retries were used up."""


class BudgetExhausted(TransientError):
    """The run's allowance of calls or seconds is spent."""


class StoreUnavailable(TransientError):
    """The object store gave no usable answer until the tries were used up."""


class DatabaseUnavailable(TransientError):
    """PostgreSQL cannot be reached."""


class UpgradeBlocked(TransientError):
    """A table is to be upgraded, and somebody else's query or session holds it."""


class RegisterBusy(TransientError):
    """Another run holds the register's writer lock."""


class ClusterUnavailable(TransientError):
    """The cluster that was to fold gave no cores, or lost a task as often as it may."""


class AlarmNotSent(TransientError):
    """A mail server or webhook did not take an alarm; nothing of the alarm is in the message."""
