import type { SeedLocale } from './helpdesk-articles.ts';

/** The French knowledge base: younger and smaller than the English one. */
export const HELPDESK_FR: SeedLocale = {
  locale: 'fr',
  groups: { 'bien-demarrer': 'Bien démarrer', tableaux: 'Tableaux de bord', facturation: 'Facturation' },
  articles: [
    {
      path: 'bien-demarrer/bienvenue.md',
      title: 'Bienvenue chez Acme Analytics',
      description: 'Le produit en quelques mots.',
      featured: true,
      content: `# Bienvenue

Acme Analytics transforme vos commandes, visites et demandes en graphiques que toute l'équipe peut lire.
`,
    },
    {
      path: 'bien-demarrer/inviter-votre-equipe.md',
      title: 'Inviter votre équipe',
      description: 'Ajouter des membres et choisir leurs droits.',
      content: `# Inviter votre équipe

Ouvrez *Réglages → Membres → Inviter* et collez jusqu'à cent adresses, séparées par des virgules.
`,
    },
    {
      path: 'tableaux/premier-tableau.md',
      title: 'Créer un premier tableau',
      description: "D'une page vide à un graphique de commandes.",
      content: `# Créer un premier tableau

Ouvrez le **V1 Dashboard** dans le menu de gauche, puis *Nouveau graphique*.
`,
    },
    {
      path: 'tableaux/filtres.md',
      title: 'Filtrer par date et par canal',
      description: 'Restreindre ce que montre un tableau.',
      content: `# Filtres

Les filtres en haut d'un tableau s'appliquent à tous ses graphiques.
`,
    },
    {
      path: 'tableaux/exporter.md',
      title: 'Exporter en CSV et en PDF',
      description: 'Télécharger ce que vous voyez.',
      content: `# Exporter

Chaque graphique propose *Exporter → CSV*. Les exports sont limités à 100 000 lignes.
`,
    },
    {
      path: 'facturation/forfaits.md',
      title: 'Forfaits et tarifs',
      description: 'Ce que contient chaque forfait.',
      content: `# Forfaits

Gratuit, Starter, Pro et Business. Vous pouvez changer de forfait à tout moment.
`,
    },
    {
      path: 'facturation/factures.md',
      title: 'Factures et TVA',
      description: 'Où trouver vos factures.',
      content: `# Factures

Les propriétaires trouvent les factures sous *Réglages → Facturation*.
`,
    },
    {
      path: 'facturation/virement.md',
      title: 'Payer par virement',
      description: 'À partir du forfait Business.',
      draft: true,
      content: `# Virement

Le virement est possible à partir du forfait Business, pour un an.
`,
    },
  ],
};
