# Ce que l’on lit à l’écran. $what est "badge" ou "card".

kiosk = Libération des impressions
language = Langue

idle-title = Approchez votre { $what ->
    [card] carte
   *[badge] badge
} du lecteur
idle-hint = Vos documents à imprimer s’affichent ici.
idle-unknown = { $what ->
    [card] Cette carte n’est pas connue. Demandez qu’elle soit ajoutée, s’il vous plaît.
   *[badge] Ce badge n’est pas connu. Demandez qu’il soit ajouté, s’il vous plaît.
}
idle-not-now = Le service d’impression ne répond pas pour le moment. Veuillez réessayer dans une minute.
idle-pick = Quel est cet écran ?
idle-offline = Pas de connexion au service d’impression. Nouvel essai…

secret-title = Connecter cet écran
secret-hint = Saisissez la clé secrète de la borne, définie dans votre configuration. Elle n’est demandée qu’une fois.
secret-label = Clé secrète de la borne
secret-wrong = Ce n’est pas la clé secrète de la borne. Réessayez.
secret-wait = Trop d’essais incorrects. Patientez une minute.
secret-connect = Connecter

hello = Bonjour { $name }
hello-nobody = Bonjour
done = Terminer
back = Retour
print = Imprimer
print-elsewhere = Autre imprimante
change = Modifier
change-of = Modifier { $title }
remove = Retirer
list-title = Vos documents à imprimer
list-empty = Aucun document ne vous attend.
list-empty-hint = Un document que vous venez d’envoyer peut mettre un moment à arriver. Cette liste s’actualise toute seule.
list-asking = Recherche de nouveaux documents…
list-as-of = Universal Print ne répond pas. Dernière mise à jour de la liste : { $time }.
list-as-of-never = Universal Print ne répond pas. Il manque peut-être des documents ici.
list-progress = En cours d’impression
list-ended = Terminés ces dernières 24 heures : { $count }
where-title = Où faut-il imprimer ?
untitled = Document { $number }

stage-arriving = En cours d’arrivée
stage-waiting = En attente
stage-barred = Impossible à imprimer pour le moment
stage-sending = En route vers { $printer }
stage-checking = Vérification auprès de { $printer }
stage-printing = Impression sur { $printer }
stage-printing-sheets = { $count ->
    [one] Impression sur { $printer } : une feuille pour l’instant
   *[other] Impression sur { $printer } : { $count } feuilles pour l’instant
}
ended-completed = Imprimé
ended-canceled = Annulé
ended-redirected = Envoyé vers une autre imprimante
ended-withdrawn = Retiré dans Universal Print
ended-refused = Refusé
ended-failed = Échec
ended-removed = Retiré

may-have-printed = Peut-être déjà imprimé
may-have-printed-hint = Des feuilles de ce document sont peut-être déjà sorties. Regardez d’abord à l’imprimante. S’il n’y a rien, réimprimez-le ici.
may-have-printed-again = J’ai vérifié : réimprimer

copies = Copies
fewer = Moins
more = Plus
color = Couleur
color-color = Couleur
color-gray = Niveaux de gris
sides = Faces
sides-one = Recto
sides-both = Recto verso
pages = Pages
pages-all = Toutes
pages-from = De
pages-to = À
pages-some = Seulement celles-ci
as-sent = Comme à l’envoi
said-copies = { $count ->
    [one] Une copie
   *[other] { $count } copies
}

remove-title = Retirer ce document ?
remove-hint = Il ne sera pas imprimé. Cette action est définitive.
remove-yes = Oui, retirer

session-title = Êtes-vous toujours là ?
session-hint = Vos documents seront masqués dans quelques secondes.
session-stay = Je suis toujours là

printer-ready = Prête
printer-busy = Impression en cours
printer-paper = Plus de papier
printer-jam = Bourrage papier
printer-toner = Plus d’encre ou de toner
printer-door = Un capot est ouvert
printer-full = Le bac de sortie est plein
printer-paused = En pause
printer-help = A besoin d’aide
printer-unreachable = Ne répond pas
printer-unknown = Inconnu
printer-neighbor = L’imprimante { $printer } est prête.

notice-released = Envoyé vers { $printer }.
notice-removed = Le document est retiré.
notice-changed = Quelque chose a changé entre-temps. Regardez à nouveau la liste, puis imprimez.
notice-may-have-printed = Des feuilles de ce document sont peut-être déjà sorties. Ouvrez le document pour le réimprimer.
notice-not-waiting = Ce document n’est plus en attente.
notice-barred = Ce document ne peut pas être imprimé pour le moment.
notice-must-stay-gray = Un document envoyé en niveaux de gris reste ici en niveaux de gris.
notice-no-such-printer = Cette imprimante n’est pas configurée ici.
notice-not-now = Cela n’a pas fonctionné. Veuillez réessayer.
notice-nothing = Choisissez d’abord un document.
notice-over = Votre session est terminée. Présentez à nouveau votre { $what ->
    [card] carte
   *[badge] badge
}.

reason-cloud-unreachable = Universal Print ne répond pas. Nous continuons d’essayer.
reason-cloud-refused = Universal Print a refusé notre demande. Nous continuons à demander.
reason-not-paused = Universal Print indique que le document n’est pas en attente. Nous redemandons.
reason-configuration-refused = Universal Print a refusé les nouveaux réglages. Essayez d’autres réglages.
reason-printer-unreachable = L’imprimante n’a pas répondu. Essayez une autre imprimante.
reason-printer-busy = L’imprimante était trop occupée. Réessayez, ou essayez une autre imprimante.
reason-printer-refused = L’imprimante a refusé le document. Essayez une autre imprimante.
reason-printer-blocked = L’imprimante n’a pas pu imprimer. Essayez une autre imprimante.
reason-printer-distrusted = L’imprimante n’a pas pu prouver qu’elle est la bonne. Essayez une autre imprimante.
reason-printer-login = L’imprimante a refusé notre connexion. Essayez une autre imprimante.
reason-printer-waking = L’imprimante sort de veille.
reason-waits-at-panel = Quelqu’un doit intervenir sur l’écran de l’imprimante elle-même.
reason-printer-aborted = L’imprimante a abandonné, et rien n’est sorti. Relancez l’impression.
reason-printer-trouble = L’imprimante a besoin d’aide. Regardez son écran.
reason-cannot-do = Cette imprimante ne peut pas imprimer comme demandé. Modifiez les réglages ou essayez une autre imprimante.
reason-format-not-taken = Cette imprimante ne peut pas imprimer ce type de document. Essayez une autre imprimante.
reason-document-late = Le document n’est pas encore arrivé. Réessayez dans une minute.
reason-no-such-printer = Cette imprimante n’est plus configurée ici.
reason-source-printer-has-device = Cette file d’attente n’est pas configurée pour la libération des impressions. Veuillez prévenir votre administrateur.
reason-other-daemon = Un autre service de libération des impressions gère cette file d’attente. Veuillez prévenir votre administrateur.
reason-release-timed-out = Cela a pris trop de temps. Relancez l’impression.
reason-report-refused = Le document est imprimé. Universal Print ne l’a pas encore enregistré.
reason-unconfirmed = L’imprimante n’a pas dit si elle a tout imprimé.
reason-redirect-refused = Universal Print n’a pas transféré le document à cette imprimante.
reason-failed-elsewhere = L’autre imprimante ne l’a pas imprimé.
reason-parts-missing = Certaines parties du document peuvent être différentes sur papier.
reason-expires-soon = Ce document sera bientôt retiré. Imprimez-le maintenant.

abort-hold-expired = Personne ne l’a imprimé à temps. Renvoyez-le.
abort-format-refused = Cette file d’attente n’imprime pas ce type de document.
abort-format-not-taken = Aucune imprimante ici ne peut imprimer ce type de document. Envoyez-le en PDF.
abort-empty-document = Le document était vide. Renvoyez-le.
abort-size-mismatch = Le document est arrivé endommagé. Renvoyez-le.
abort-conversion-failed = Le document n’a pas pu être préparé pour l’imprimante. Envoyez-le en PDF.
abort-too-large = Le document est trop volumineux pour cette file d’attente.
abort-by-administrator = Un administrateur y a mis fin : { $words }
abort-released = Imprimé.
abort-canceled-at-printer = L’impression a été annulée à l’imprimante.
abort-removed-by-owner = Vous l’avez retiré.

sign-in = Se connecter sans badge
sign-in-hint = Saisissez votre adresse e-mail professionnelle et votre code PIN.
sign-in-user = Adresse e-mail professionnelle
sign-in-wrong = L’adresse e-mail et le code PIN ne correspondent pas.
pin = Code PIN
pin-title = Saisissez votre code PIN
pin-hint = Vos documents s’affichent ensuite.
pin-wrong = Ce n’est pas votre code PIN. Réessayez.
wrong-too-often = Trop d’essais erronés. Attendez une minute.
erase = Effacer
enter = OK
register = Enregistrer
register-title = Code d’activation
register-hint = Saisissez le code reçu pour { $what ->
    [card] votre nouvelle carte
   *[badge] votre nouveau badge
}.
register-code = Code d’activation
register-wrong = Ce code n’est pas valable. Réessayez.
register-again = Approchez { $what ->
    [card] la carte
   *[badge] le badge
} du lecteur encore une fois
register-again-hint = L’enregistrement est ensuite terminé.
register-changing = C’était { $what ->
    [card] une autre carte, ou une carte
   *[badge] un autre badge, ou un badge
} dont le numéro change à chaque fois. Cela ne fonctionne pas ici.

slip-title = { $what ->
    [card] Cette carte n’est pas connue
   *[badge] Ce badge n’est pas connu
}
slip-hint = Apportez ce papier à la personne qui s’occupe des impressions ici et donnez-lui ce code. { $what ->
    [card] La carte sera enregistrée à votre nom et libérera
   *[badge] Le badge sera enregistré à votre nom et libérera
} ensuite vos documents. Le code est valable sept jours.

collect-list = Documents de { $name }
collect-for = Récupérer pour d’autres personnes
collect-of = Récupérer pour { $name }
collect-empty = Aucun document à récupérer.
notice-owners-alone = Seule la personne qui a envoyé le document peut le faire.
